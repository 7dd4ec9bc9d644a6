import { messageOf } from '../../../base/errors.ts'
import { formatMemory } from '../../../base/size.ts'
import type { SystemInfo } from '../../../spec/engine-api/system.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { printOne, unanswered } from '../../format/list.ts'
import { formatOne } from '../../options/common.ts'
import { pluginsMetadata } from '../../plugins.ts'
import { buildTime, clientApiVersion, clientVersion, gitCommit, runtimeVersion } from '../../version.ts'
import type { ClientInfo, FullInfo } from './info-types.ts'

const mark = (key: string, value: unknown, indent = ' ') => `${indent}${key}: ${value}`

function clientLines({ Context, Debug, Plugins, Version, Warnings }: ClientInfo): readonly string[] {
  const plugins = Plugins.flatMap(({ Err, Name, Path, ShortDescription, Vendor, Version: version }) =>
    Err
      ? []
      : [
          `  ${Name}: ${ShortDescription ?? ''} (${Vendor})`,
          ...(version ? [`    Version:  ${version}`] : []),
          `    Path:     ${Path}`,
        ],
  )
  return [
    'Client:',
    mark('Version', `   ${Version}`),
    mark('Context', `   ${Context}`),
    mark('Debug Mode', Debug),
    ...(plugins.length ? [' Plugins:', ...plugins] : []),
    ...(Warnings ?? []),
  ]
}

function swarmLines(swarm: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const lines = [mark('Swarm', swarm?.LocalNodeState ?? 'inactive')]
  if (!swarm || swarm.LocalNodeState === 'inactive' || swarm.LocalNodeState === 'locked') return lines
  return [
    ...lines,
    mark('NodeID', swarm.NodeID, '  '),
    ...(swarm.Error ? [mark('Error', swarm.Error, '  ')] : []),
    mark('Is Manager', swarm.ControlAvailable, '  '),
  ]
}

function securityLines(options: readonly string[]): readonly string[] {
  if (options.length === 0) return []
  const lines = options.flatMap(option => {
    const pairs = option.split(',').map(pair => pair.split('='))
    const name = pairs.find(([key]) => key === 'name')?.[1] ?? option
    const more = pairs.filter(([key]) => key !== 'name' && key !== undefined)
    return [`  ${name}`, ...more.map(([key, value]) => `   ${key![0]!.toUpperCase()}${key!.slice(1)}: ${value}`)]
  })
  return [' Security Options:', ...lines]
}

const nonEmpty = (key: string, value: unknown): readonly string[] => (value ? [mark(key, value)] : [])

function pluginLines({ Authorization, Log, Network, Volume }: NonNullable<FullInfo['Plugins']>): readonly string[] {
  return [
    ' Plugins:',
    mark('Volume', (Volume ?? []).join(' '), '  '),
    mark('Network', (Network ?? []).join(' '), '  '),
    ...(Authorization?.length ? [mark('Authorization', Authorization.join(' '), '  ')] : []),
    mark('Log', (Log ?? []).join(' '), '  '),
  ]
}

function registryLines({ RegistryConfig }: FullInfo): readonly string[] {
  const { IndexConfigs = {}, InsecureRegistryCIDRs, Mirrors } = RegistryConfig ?? {}
  const insecure = [
    ...Object.values(IndexConfigs ?? {})
      .filter(({ Secure }) => !Secure)
      .map(({ Name }) => Name),
    ...(InsecureRegistryCIDRs ?? []),
  ]
  return [
    ...(insecure.length ? [' Insecure Registries:', ...insecure.map(name => `  ${name}`)] : []),
    ...(Mirrors?.length ? [' Registry Mirrors:', ...Mirrors.map(name => `  ${name}`)] : []),
  ]
}

const debugLines = (info: FullInfo): readonly string[] =>
  info.Debug
    ? [
        mark('File Descriptors', info.NFd, '  '),
        mark('Goroutines', info.NGoroutines, '  '),
        mark('System Time', info.SystemTime, '  '),
        mark('EventsListeners', info.NEventsListener, '  '),
      ]
    : []

function runtimeLines(info: FullInfo): readonly string[] {
  const names = Object.keys(info.Runtimes ?? {}).sort()
  return [
    ...(names.length ? [mark('Runtimes', names.join(' '))] : []),
    ...nonEmpty('Default Runtime', info.DefaultRuntime),
    mark('Init Binary', info.InitBinary ?? ''),
    mark('containerd version', info.ContainerdCommit?.ID ?? ''),
    mark('runc version', info.RuncCommit?.ID ?? ''),
    mark('init version', info.InitCommit?.ID ?? ''),
  ]
}

const listed = (title: string, items: readonly string[] | null | undefined): readonly string[] =>
  items?.length ? [` ${title}:`, ...items.map(item => `  ${item}`)] : []

function serverLines(info: FullInfo): readonly string[] {
  return [
    'Server:',
    mark('Containers', info.Containers),
    mark('Running', info.ContainersRunning, '  '),
    mark('Paused', info.ContainersPaused, '  '),
    mark('Stopped', info.ContainersStopped, '  '),
    mark('Images', info.Images),
    ...nonEmpty('Server Version', info.ServerVersion),
    ...nonEmpty('Storage Driver', info.Driver),
    ...(info.DriverStatus ?? []).map(([key, value]) => mark(key!, value, '  ')),
    ...nonEmpty('Logging Driver', info.LoggingDriver),
    ...nonEmpty('Cgroup Driver', info.CgroupDriver),
    ...nonEmpty('Cgroup Version', info.CgroupVersion),
    ...pluginLines(info.Plugins ?? {}),
    ...listed('CDI spec directories', info.CDISpecDirs),
    ...listed(
      'Discovered Devices',
      info.DiscoveredDevices?.map(({ ID, Source }) => `${Source}: ${ID}`),
    ),
    ...swarmLines(info.Swarm),
    ...runtimeLines(info),
    ...securityLines(info.SecurityOptions ?? []),
    ...nonEmpty('Kernel Version', info.KernelVersion),
    ...nonEmpty('Operating System', info.OperatingSystem),
    ...nonEmpty('OSType', info.OSType),
    ...nonEmpty('Architecture', info.Architecture),
    mark('CPUs', info.NCPU),
    mark('Total Memory', formatMemory(info.MemTotal ?? 0)),
    ...nonEmpty('Name', info.Name),
    ...nonEmpty('ID', info.ID),
    mark('Docker Root Dir', info.DockerRootDir),
    mark('Debug Mode', info.Debug),
    ...debugLines(info),
    ...nonEmpty('HTTP Proxy', info.HttpProxy),
    ...nonEmpty('HTTPS Proxy', info.HttpsProxy),
    ...nonEmpty('No Proxy', info.NoProxy),
    ...listed('Labels', info.Labels),
    mark('Experimental', info.ExperimentalBuild),
    ...registryLines(info),
    mark('Live Restore Enabled', info.LiveRestoreEnabled),
    ...(info.ProductLicense ? [mark('Product License', info.ProductLicense)] : []),
    ...(info.DefaultAddressPools?.length
      ? [
          ' Default Address Pools:',
          ...info.DefaultAddressPools.map(({ Base, Size }) => `   Base: ${Base}, Size: ${Size}`),
        ]
      : []),
    ...(info.FirewallBackend && info.FirewallBackend.Driver !== 'iptables'
      ? [mark('Firewall Backend', info.FirewallBackend.Driver)]
      : []),
    '',
  ]
}

export const info = command({
  usage: '[OPTIONS]',
  summary: 'Show what the engine is and what it holds',
  aliases: ['system info', 'info'],
  maxArgs: 0,
  flags: { format: formatOne },
  async run({ config, engine, err, flags, out }) {
    const ClientInfo: ClientInfo = {
      Debug: config.globals.debug,
      Version: clientVersion,
      GitCommit: gitCommit,
      GoVersion: runtimeVersion(),
      Os: 'linux',
      Arch: process.arch === 'x64' ? 'amd64' : process.arch,
      BuildTime: buildTime,
      DefaultAPIVersion: clientApiVersion,
      Context: config.contextName,
      Plugins: await pluginsMetadata(config),
      Warnings: null,
    }
    let found: SystemInfo | undefined
    let failure = ''
    try {
      found = await engine.system.info()
    } catch (error) {
      failure = messageOf(error)
    }
    const errors = failure ? { ServerErrors: [failure] } : {}
    const told = { ...(found ?? {}), ...errors, ClientInfo }
    if (flags.format) printOne(out, found || flags.format.includes('json') ? told : unanswered(told), flags.format)
    else {
      const server = found ? serverLines(found as unknown as FullInfo) : ['Server:']
      out.line([...clientLines(ClientInfo), '', ...server].join('\n'))
      for (const warning of (found as unknown as FullInfo | undefined)?.Warnings ?? []) err.line(warning)
    }
    if (failure) throw new ExitError(1, flags.format ? failure : `${failure}\nerrors pretty printing info`)
  },
})
