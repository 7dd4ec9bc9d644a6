import { messageOf } from '../../../base/errors.ts'
import type { SystemVersion } from '../../../spec/engine-api/system.ts'
import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { parseTemplate } from '../../format/template.ts'
import { berthVersion, clientApiVersion, clientVersion } from '../../version.ts'

const field = (name: string, value: string, indent = 1): string =>
  `${`${' '.repeat(indent)}${name}:`.padEnd(19)}${value}`.trimEnd()

function serverLines(server: SystemVersion): readonly string[] {
  const components = (server.Components ?? []).map(({ Details, Name, Version }) => {
    const details = (Details ?? {}) as Readonly<Record<string, string>>
    if (Name !== 'Engine')
      return [` ${Name}:`, field('Version', Version ?? '', 2), `  GitCommit:        ${details.GitCommit ?? ''}`]
    return [
      ' Engine:',
      field('Version', Version ?? '', 2),
      field('API version', `${details.ApiVersion} (minimum version ${details.MinAPIVersion})`, 2),
      field('Go version', details.GoVersion ?? '', 2),
      field('Git commit', details.GitCommit ?? '', 2),
      field('Built', details.BuildTime ?? '', 2),
      field('OS/Arch', `${details.Os}/${details.Arch}`, 2),
      field('Experimental', details.Experimental ?? 'false', 2),
    ]
  })
  return ['', `Server: ${server.Platform?.Name ?? ''}`.trimEnd(), ...components.flat()]
}

export const version = command({
  usage: '[OPTIONS]',
  summary: 'Show the versions of client and engine',
  maxArgs: 0,
  flags: { format: { type: 'string', short: 'f', help: "'json' or a Go template" } },
  async run({ config, engine, flags, out }) {
    let server: SystemVersion | undefined
    let failure = ''
    try {
      server = await engine.system.version()
    } catch (error) {
      failure = messageOf(error)
    }
    const api = server ? await engine.apiVersion() : clientApiVersion
    const arch = process.arch === 'x64' ? 'amd64' : process.arch
    const client = {
      Version: clientVersion,
      ApiVersion: api,
      DefaultAPIVersion: clientApiVersion,
      GitCommit: `berth-${berthVersion}`,
      GoVersion: '',
      Os: 'linux',
      Arch: arch,
      BuildTime: '',
      Context: config.contextName,
    }
    if (flags.format) {
      const data = { Client: client, Server: server ?? null }
      out.line(flags.format === 'json' ? JSON.stringify(data) : parseTemplate(flags.format)(data))
    } else {
      const lines = [
        'Client:',
        field('Version', client.Version),
        field('API version', api),
        field('Git commit', client.GitCommit),
        field('OS/Arch', `linux/${arch}`),
        field('Context', client.Context),
      ]
      out.line([...lines, ...(server ? serverLines(server) : [])].join('\n'))
    }
    if (failure) throw new ExitError(1, failure)
  },
})

export const info = command({
  usage: '[OPTIONS]',
  summary: 'Show what the engine is and what it holds',
  aliases: ['system info', 'info'],
  maxArgs: 0,
  flags: { format: { type: 'string', short: 'f', help: "'json' or a Go template" } },
  async run({ config, engine, flags, out }) {
    const found = await engine.system.info()
    const data = {
      ...found,
      ClientInfo: {
        Debug: config.globals.debug,
        Context: config.contextName,
        Version: clientVersion,
        Plugins: [],
        Warnings: null,
      },
    }
    if (flags.format)
      return out.line(flags.format === 'json' ? JSON.stringify(data) : parseTemplate(flags.format)(data))
    const lines = [
      'Client:',
      ` Version:    ${clientVersion}`,
      ` Context:    ${config.contextName}`,
      ` Debug Mode: ${config.globals.debug}`,
      '',
      'Server:',
      ` Containers: ${found.Containers}`,
      `  Running: ${found.ContainersRunning}`,
      `  Paused: ${found.ContainersPaused}`,
      `  Stopped: ${found.ContainersStopped}`,
      ` Images: ${found.Images}`,
      ` Server Version: ${found.ServerVersion}`,
      ` Storage Driver: ${found.Driver}`,
      ...(found.DriverStatus ?? []).map(pair => `  ${pair[0]}: ${pair[1]}`),
      ` Logging Driver: ${found.LoggingDriver}`,
      ` Cgroup Driver: ${found.CgroupDriver}`,
      ` Cgroup Version: ${found.CgroupVersion}`,
      ` Kernel Version: ${found.KernelVersion}`,
      ` Operating System: ${found.OperatingSystem}`,
      ` OSType: ${found.OSType}`,
      ` Architecture: ${found.Architecture}`,
      ` CPUs: ${found.NCPU}`,
      ` Name: ${found.Name}`,
      ` ID: ${found.ID}`,
      ` Docker Root Dir: ${found.DockerRootDir}`,
    ]
    out.line(lines.join('\n'))
  },
})
