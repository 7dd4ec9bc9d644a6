import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { CreateContainerRequest } from '../../../spec/engine-api/engine.ts'
import { ExitError } from '../../errors.ts'
import type { FlagValues } from '../../flags.ts'
import { parsePublish } from '../../options/publish.ts'
import type { createFlags } from './create-flags.ts'

export type CreateFlagValues = FlagValues<typeof createFlags>

interface Attach {
  readonly stdin: boolean
  readonly output: boolean
}

export const toMap = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    words.map(word => [word.split('=', 1)[0]!, word.includes('=') ? word.slice(word.indexOf('=') + 1) : '']),
  )

const orNull = <T>(list: readonly T[]): readonly T[] | null => (list.length ? list : null)

const capability = (name: string): string =>
  name.toUpperCase() === 'ALL' ? 'ALL' : `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`

/** `A=1`, or `A` taken from our own environment when it is there. */
const envEntry = (word: string, env: NodeJS.ProcessEnv): string =>
  word.includes('=') || env[word] === undefined ? word : `${word}=${env[word]}`

const envFile = (path: string, env: NodeJS.ProcessEnv): readonly string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .map(line => line.trimStart())
    .filter(line => line && !line.startsWith('#'))
    .map(line => envEntry(line, env))

function bind(text: string): string {
  const [source = '', ...rest] = text.split(':')
  if (/^\.{1,2}(\/|$)/.test(source)) return [resolve(source), ...rest].join(':')
  return source.startsWith('~/') ? [source.replace('~', homedir()), ...rest].join(':') : text
}

function restartPolicy(text: string): { Name: string; MaximumRetryCount: number } {
  const [name = '', count] = text.split(':')
  if (count !== undefined && !/^-?\d+$/.test(count))
    throw new ExitError(125, 'invalid restart policy format: maximum retry count must be an integer')
  return { Name: name || 'no', MaximumRetryCount: Number(count ?? 0) }
}

const ulimit = (text: string) => {
  const [, name, soft, hard] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? []
  if (!name) throw new ExitError(125, `invalid ulimit argument: ${text}`)
  return { Name: name, Hard: Number(hard ?? soft), Soft: Number(soft) }
}

const device = (text: string) => {
  const [host = '', inside, permissions] = text.split(':')
  const isMode = inside !== undefined && /^[rwm]+$/.test(inside)
  return {
    PathOnHost: host,
    PathInContainer: isMode || !inside ? host : inside,
    CgroupPermissions: (isMode ? inside : permissions) ?? 'rwm',
  }
}

function healthcheck(flags: CreateFlagValues): object | undefined {
  if (flags['no-healthcheck']) return { Test: ['NONE'] }
  const found = {
    ...(flags['health-cmd'] ? { Test: ['CMD-SHELL', flags['health-cmd']] } : {}),
    ...(flags['health-interval'] ? { Interval: flags['health-interval'] } : {}),
    ...(flags['health-timeout'] ? { Timeout: flags['health-timeout'] } : {}),
    ...(flags['health-start-period'] ? { StartPeriod: flags['health-start-period'] } : {}),
    ...(flags['health-start-interval'] ? { StartInterval: flags['health-start-interval'] } : {}),
    ...(flags['health-retries'] ? { Retries: flags['health-retries'] } : {}),
  }
  return Object.keys(found).length ? found : undefined
}

const hostConfig = (flags: CreateFlagValues, bindings: object, network: string) => ({
  Binds: orNull(flags.volume.filter(volume => volume.includes(':')).map(bind)),
  ContainerIDFile: flags.cidfile,
  LogConfig: { Type: flags['log-driver'], Config: toMap(flags['log-opt']) },
  NetworkMode: network,
  PortBindings: bindings,
  RestartPolicy: restartPolicy(flags.restart),
  AutoRemove: flags.rm,
  VolumesFrom: orNull(flags['volumes-from']),
  ConsoleSize: [process.stdout.rows ?? 0, process.stdout.columns ?? 0],
  CapAdd: orNull(flags['cap-add'].map(capability)),
  CapDrop: orNull(flags['cap-drop'].map(capability)),
  Dns: flags.dns,
  DnsOptions: flags['dns-option'],
  DnsSearch: flags['dns-search'],
  ExtraHosts: orNull(flags['add-host'].map(line => (line.includes(':') ? line : line.replace('=', ':')))),
  GroupAdd: orNull(flags['group-add']),
  IpcMode: flags.ipc,
  PidMode: flags.pid,
  Privileged: flags.privileged,
  PublishAllPorts: flags['publish-all'],
  ReadonlyRootfs: flags['read-only'],
  SecurityOpt: orNull(flags['security-opt']),
  ...(flags.tmpfs.length
    ? {
        Tmpfs: Object.fromEntries(
          flags.tmpfs.map(text => [
            text.split(':', 1)[0]!,
            text.includes(':') ? text.slice(text.indexOf(':') + 1) : '',
          ]),
        ),
      }
    : {}),
  UTSMode: flags.uts,
  UsernsMode: flags.userns,
  ShmSize: flags['shm-size'],
  ...(flags.sysctl.length ? { Sysctls: toMap(flags.sysctl) } : {}),
  ...(flags.runtime ? { Runtime: flags.runtime } : {}),
  CpuShares: flags['cpu-shares'],
  Memory: flags.memory,
  NanoCpus: flags.cpus,
  CpusetCpus: flags['cpuset-cpus'],
  Devices: flags.device.map(device),
  MemoryReservation: flags['memory-reservation'],
  MemorySwap: flags['memory-swap'],
  MemorySwappiness: -1,
  OomKillDisable: false,
  PidsLimit: flags['pids-limit'],
  Ulimits: flags.ulimit.map(ulimit),
  ...(flags.init ? { Init: true } : {}),
})

/** The create body that a command line asks for. */
export function toCreateRequest(
  flags: CreateFlagValues,
  changed: ReadonlySet<string>,
  [image = '', ...words]: readonly string[],
  env: NodeJS.ProcessEnv,
  attach: Attach,
): Omit<CreateContainerRequest, 'apiVersion'> {
  const { bindings, exposed } = parsePublish(flags.publish, flags.expose)
  const networks = flags.network.length ? flags.network : ['default']
  const check = healthcheck(flags)
  const config = {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    AttachStdin: attach.stdin,
    AttachStdout: attach.output,
    AttachStderr: attach.output,
    ...(Object.keys(exposed).length ? { ExposedPorts: exposed } : {}),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && attach.stdin,
    Env: orNull([
      ...flags['env-file'].flatMap(path => envFile(path, env)),
      ...flags.env.map(word => envEntry(word, env)),
    ]),
    Cmd: orNull(words),
    ...(check ? { Healthcheck: check } : {}),
    Image: image,
    Volumes: Object.fromEntries(flags.volume.filter(volume => !volume.includes(':')).map(volume => [volume, {}])),
    WorkingDir: flags.workdir,
    Entrypoint: changed.has('entrypoint') ? [flags.entrypoint] : null,
    Labels: toMap(flags.label),
    ...(flags['stop-signal'] ? { StopSignal: flags['stop-signal'] } : {}),
    ...(changed.has('stop-timeout') ? { StopTimeout: flags['stop-timeout'] } : {}),
  }
  const endpoints = networks.map(
    (name, at) => [name, { Aliases: at === 0 ? orNull(flags['network-alias']) : null }] as const,
  )
  return {
    ...(flags.name ? { name: flags.name } : {}),
    ...(flags.platform ? { platform: flags.platform } : {}),
    config: config as unknown as CreateContainerRequest['config'],
    hostConfig: hostConfig(flags, bindings, networks[0]!) as unknown as CreateContainerRequest['hostConfig'],
    networkingConfig: {
      EndpointsConfig: Object.fromEntries(endpoints),
    } as unknown as CreateContainerRequest['networkingConfig'],
  }
}
