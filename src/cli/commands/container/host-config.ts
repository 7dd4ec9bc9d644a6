import { ExitError } from '../../errors.ts'
import { parseUlimit } from '../../options/checks.ts'
import { cut } from '../../options/csv.ts'
import { isCdiName, parseDevice, rateOf, weightOf } from '../../options/devices.ts'
import { type DeviceRequest, parseGpus } from '../../options/gpus.ts'
import { parseMount } from '../../options/mount.ts'
import { parseRestart } from '../../options/restart.ts'
import { parseSecurity } from '../../options/security.ts'
import { toBind } from '../../options/volume.ts'
import type { CreateFlagValues } from './create-request.ts'
import { orNull, toMap } from './create-request.ts'

const capability = (name: string): string =>
  name.toUpperCase() === 'ALL' ? 'ALL' : `CAP_${name.toUpperCase().replace(/^CAP_/, '')}`

const capabilities = (names: readonly string[]): readonly string[] | null =>
  orNull([...new Set(names.map(capability))].sort())

function storageOptions(words: readonly string[]): { readonly StorageOpt?: Record<string, string> } {
  if (words.some(word => !word.includes('='))) throw new ExitError(125, 'invalid storage option')
  return words.length ? { StorageOpt: toMap(words) } : {}
}

function logConfig(driver: string, options: readonly string[]): object {
  if (driver === 'none' && options.length) throw new ExitError(125, 'invalid logging opts for driver none')
  return { Type: driver, Config: toMap(options) }
}

const namespaceModes = {
  pid: /^$|^host$|^container:./,
  uts: /^$|^host$/,
  userns: /^$|^host$/,
  cgroupns: /^$|^host$|^private$/,
} as const

function checkNamespaces(flags: CreateFlagValues): void {
  const names = { pid: 'PID', uts: 'UTS', userns: 'USER', cgroupns: 'CGROUP' } as const
  for (const flag of ['pid', 'uts', 'userns', 'cgroupns'] as const)
    if (!namespaceModes[flag].test(flags[flag])) throw new ExitError(125, `--${flag}: invalid ${names[flag]} mode`)
}

function deviceRequests(flags: CreateFlagValues): readonly DeviceRequest[] | null {
  const named = flags.device.filter(isCdiName)
  const cdi = { Driver: 'cdi', Count: 0, DeviceIDs: named, Capabilities: null, Options: null }
  return orNull([...flags.gpus.map(parseGpus), ...(named.length ? [cdi] : [])])
}

const resources = (flags: CreateFlagValues) => ({
  CpuShares: flags['cpu-shares'],
  Memory: flags.memory,
  NanoCpus: flags.cpus,
  CgroupParent: flags['cgroup-parent'],
  BlkioWeight: flags['blkio-weight'],
  BlkioWeightDevice: flags['blkio-weight-device'].map(weightOf),
  BlkioDeviceReadBps: flags['device-read-bps'].map(rateOf),
  BlkioDeviceWriteBps: flags['device-write-bps'].map(rateOf),
  BlkioDeviceReadIOps: flags['device-read-iops'].map(rateOf),
  BlkioDeviceWriteIOps: flags['device-write-iops'].map(rateOf),
  CpuPeriod: flags['cpu-period'],
  CpuQuota: flags['cpu-quota'],
  CpuRealtimePeriod: flags['cpu-rt-period'],
  CpuRealtimeRuntime: flags['cpu-rt-runtime'],
  CpusetCpus: flags['cpuset-cpus'],
  CpusetMems: flags['cpuset-mems'],
  Devices: flags.device.filter(text => !isCdiName(text)).map(parseDevice),
  DeviceCgroupRules: orNull(flags['device-cgroup-rule']),
  DeviceRequests: deviceRequests(flags),
  MemoryReservation: flags['memory-reservation'],
  MemorySwap: flags['memory-swap'],
  MemorySwappiness: flags['memory-swappiness'],
  OomKillDisable: flags['oom-kill-disable'],
  PidsLimit: flags['pids-limit'],
  Ulimits: flags.ulimit
    .map(parseUlimit)
    .filter(({ Name }, at, all) => all.findLastIndex(other => other.Name === Name) === at)
    .sort((a, b) => (a.Name < b.Name ? -1 : 1)),
  CpuCount: flags['cpu-count'],
  CpuPercent: flags['cpu-percent'],
  IOMaximumIOps: flags['io-maxiops'],
  IOMaximumBandwidth: flags['io-maxbandwidth'],
})

const apiSocket = { Type: 'bind', Source: '/var/run/docker.sock', Target: '/var/run/docker.sock', BindOptions: {} }

const files = (flags: CreateFlagValues) => ({
  Binds: orNull(flags.volume.flatMap(toBind)),
  VolumeDriver: flags['volume-driver'],
  VolumesFrom: orNull(flags['volumes-from']),
  ReadonlyRootfs: flags['read-only'],
  ...storageOptions(flags['storage-opt']),
  ...(flags.tmpfs.length
    ? { Tmpfs: Object.fromEntries(flags.tmpfs.map(text => [cut(text, ':')[0], cut(text, ':')[1] ?? ''])) }
    : {}),
  ...(flags.mount.length || flags['use-api-socket']
    ? { Mounts: [...flags.mount.map(parseMount), ...(flags['use-api-socket'] ? [apiSocket] : [])] }
    : {}),
})

function checkLimits(flags: CreateFlagValues): void {
  const swappiness = flags['memory-swappiness']
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100))
    throw new ExitError(125, `invalid value: ${swappiness}. Valid memory swappiness range is 0-100`)
}

/** The HostConfig that a command line asks for. */
export function toHostConfig(
  flags: CreateFlagValues,
  changed: ReadonlySet<string>,
  bindings: object,
  network: string,
): object {
  checkLimits(flags)
  const security = parseSecurity(flags['security-opt'])
  checkNamespaces(flags)
  const restart = parseRestart(flags.restart)
  const log = logConfig(flags['log-driver'], flags['log-opt'])
  if (flags.rm && !['no', ''].includes(restart.Name))
    throw new ExitError(125, 'conflicting options: cannot specify both --restart and --rm')
  return {
    ...files(flags),
    ContainerIDFile: flags.cidfile,
    LogConfig: log,
    NetworkMode: network,
    PortBindings: bindings,
    RestartPolicy: restart,
    AutoRemove: flags.rm,
    ConsoleSize: [process.stdout.rows ?? 0, process.stdout.columns ?? 0],
    ...(flags.annotation.length ? { Annotations: toMap(flags.annotation) } : {}),
    CapAdd: capabilities(flags['cap-add']),
    CapDrop: capabilities(flags['cap-drop']),
    CgroupnsMode: flags.cgroupns,
    Dns: flags.dns,
    DnsOptions: [...flags['dns-option'], ...flags['dns-opt']],
    DnsSearch: flags['dns-search'],
    ExtraHosts: orNull(flags['add-host']),
    GroupAdd: orNull(flags['group-add']),
    IpcMode: flags.ipc,
    Cgroup: '',
    Links: /^(default|bridge)?$/.test(network) ? orNull(flags.link) : null,
    OomScoreAdj: flags['oom-score-adj'],
    PidMode: flags.pid,
    Privileged: flags.privileged,
    PublishAllPorts: flags['publish-all'],
    SecurityOpt: orNull(security.options),
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    ShmSize: flags['shm-size'],
    ...(flags.sysctl.length ? { Sysctls: toMap(flags.sysctl) } : {}),
    ...(flags.runtime ? { Runtime: flags.runtime } : {}),
    Isolation: flags.isolation,
    ...resources(flags),
    MaskedPaths: security.paths,
    ReadonlyPaths: security.paths,
    ...(changed.has('init') ? { Init: flags.init } : {}),
  }
}
