import type { ContainerConfig, HealthConfig, HostConfig } from '../spec/engine-api/container.ts'
import { cgroupMode } from '../spec/host.ts'
import type { ContainerSettings } from './deps.ts'

const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

const swapOf = (memory: number, swap: number): number => (memory > 0 && swap === 0 ? memory * 2 : swap)

/** Privileged containers see everything; clients make empty lists of `systempaths=unconfined`. */
function pathsOf(host: HostConfig): Pick<HostConfig, 'MaskedPaths' | 'ReadonlyPaths'> {
  if (host.Privileged) return { MaskedPaths: host.MaskedPaths ?? null, ReadonlyPaths: host.ReadonlyPaths ?? null }
  return { MaskedPaths: host.MaskedPaths ?? maskedPaths, ReadonlyPaths: host.ReadonlyPaths ?? readonlyPaths }
}

/** Where SELinux's labels would be in the way, Docker switches them off, also where there are none. */
function securityOptOf({ SecurityOpt, Privileged, IpcMode, PidMode }: HostConfig): HostConfig['SecurityOpt'] {
  const isOpen = Privileged || IpcMode === 'host' || PidMode === 'host'
  if (!isOpen || SecurityOpt?.some(option => option.split('=')[0] === 'label')) return SecurityOpt ?? null
  return [...(SecurityOpt ?? []), 'label=disable']
}

/** Every field that inspect shows, in its order, with Docker's defaults filled in. */
export function normalizeHostConfig(host: HostConfig, settings: ContainerSettings): HostConfig {
  const mode = host.NetworkMode
  return {
    Binds: host.Binds ?? null,
    ContainerIDFile: host.ContainerIDFile ?? '',
    LogConfig: logConfigOf(host, settings),
    NetworkMode: !mode || mode === 'default' ? 'bridge' : mode,
    PortBindings: host.PortBindings ?? null,
    RestartPolicy: {
      Name: host.RestartPolicy?.Name || 'no',
      MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    AutoRemove: host.AutoRemove ?? false,
    VolumeDriver: host.VolumeDriver ?? '',
    VolumesFrom: host.VolumesFrom ?? null,
    ConsoleSize: host.ConsoleSize ?? [0, 0],
    ...(host.Annotations && Object.keys(host.Annotations).length && { Annotations: host.Annotations }),
    CapAdd: host.CapAdd ?? null,
    CapDrop: host.CapDrop ?? null,
    CgroupnsMode: host.CgroupnsMode || settings.defaultCgroupnsMode,
    Dns: host.Dns ?? null,
    DnsOptions: host.DnsOptions ?? null,
    DnsSearch: host.DnsSearch ?? null,
    ExtraHosts: host.ExtraHosts ?? null,
    GroupAdd: host.GroupAdd ?? null,
    IpcMode: host.IpcMode || settings.defaultIpcMode,
    Cgroup: host.Cgroup ?? '',
    Links: host.Links?.length ? host.Links : null,
    OomScoreAdj: host.OomScoreAdj ?? 0,
    PidMode: host.PidMode ?? '',
    Privileged: host.Privileged ?? false,
    PublishAllPorts: host.PublishAllPorts ?? false,
    ReadonlyRootfs: host.ReadonlyRootfs ?? false,
    SecurityOpt: securityOptOf(host),
    ...(host.StorageOpt && Object.keys(host.StorageOpt).length && { StorageOpt: host.StorageOpt }),
    ...(host.Tmpfs && Object.keys(host.Tmpfs).length && { Tmpfs: host.Tmpfs }),
    UTSMode: host.UTSMode ?? '',
    UsernsMode: host.UsernsMode ?? '',
    ShmSize: host.ShmSize || settings.defaultShmSizeBytes,
    ...(host.Sysctls && Object.keys(host.Sysctls).length && { Sysctls: host.Sysctls }),
    Runtime: host.Runtime || settings.defaultRuntime,
    Isolation: host.Isolation ?? '',
    ...normalizeResources(host),
    Ulimits: withDefaults(host.Ulimits, settings.defaultUlimits),
    ...(host.Mounts?.length && { Mounts: host.Mounts }),
    ...pathsOf(host),
    ...(host.Init !== undefined && host.Init !== null && { Init: host.Init }),
  }
}

type Ulimits = NonNullable<HostConfig['Ulimits']>

/** None at all stays none: clients tell it from an empty list. */
function withDefaults(own: HostConfig['Ulimits'], defaults: Ulimits): Ulimits | null {
  if (!own && defaults.length === 0) return null
  return [...(own ?? []), ...defaults.filter(({ Name }) => !own?.some(limit => limit.Name === Name))]
}

function logConfigOf(host: HostConfig, settings: ContainerSettings): NonNullable<HostConfig['LogConfig']> {
  const own = host.LogConfig
  if (own?.Type) return { Type: own.Type, Config: own.Config ?? {} }
  return {
    Type: settings.logDriver,
    Config: own?.Config && Object.keys(own.Config).length ? own.Config : settings.logOptions,
  }
}

function normalizeResources(host: HostConfig): Partial<HostConfig> {
  const { Memory = 0, MemorySwap = 0, PidsLimit, MemorySwappiness } = host
  return {
    CpuShares: host.CpuShares ?? 0,
    Memory,
    NanoCpus: host.NanoCpus ?? 0,
    CgroupParent: host.CgroupParent ?? '',
    BlkioWeight: host.BlkioWeight ?? 0,
    BlkioWeightDevice: host.BlkioWeightDevice ?? null,
    BlkioDeviceReadBps: host.BlkioDeviceReadBps ?? null,
    BlkioDeviceWriteBps: host.BlkioDeviceWriteBps ?? null,
    BlkioDeviceReadIOps: host.BlkioDeviceReadIOps ?? null,
    BlkioDeviceWriteIOps: host.BlkioDeviceWriteIOps ?? null,
    CpuPeriod: host.CpuPeriod ?? 0,
    CpuQuota: host.CpuQuota ?? 0,
    CpuRealtimePeriod: host.CpuRealtimePeriod ?? 0,
    CpuRealtimeRuntime: host.CpuRealtimeRuntime ?? 0,
    CpusetCpus: host.CpusetCpus ?? '',
    CpusetMems: host.CpusetMems ?? '',
    Devices: host.Devices ?? null,
    DeviceCgroupRules: host.DeviceCgroupRules ?? null,
    DeviceRequests: host.DeviceRequests ?? null,
    ...(host.KernelMemoryTCP && { KernelMemoryTCP: host.KernelMemoryTCP }),
    MemoryReservation: host.MemoryReservation ?? 0,
    MemorySwap: swapOf(Memory, MemorySwap),
    MemorySwappiness: (MemorySwappiness === undefined || MemorySwappiness === -1 ? null : MemorySwappiness) as never,
    OomKillDisable: (host.OomKillDisable ?? (cgroupMode === 'v2' ? null : false)) as never,
    PidsLimit: PidsLimit && PidsLimit > 0 ? PidsLimit : null,
    Ulimits: host.Ulimits ?? null,
    CpuCount: host.CpuCount ?? 0,
    CpuPercent: host.CpuPercent ?? 0,
    IOMaximumIOps: host.IOMaximumIOps ?? 0,
    IOMaximumBandwidth: host.IOMaximumBandwidth ?? 0,
  }
}

/** What is nothing is left out. */
const inOrder = ({ Test, Interval, Timeout, StartPeriod, StartInterval, Retries }: HealthConfig): HealthConfig =>
  Object.fromEntries(
    Object.entries({ Test, Interval, Timeout, StartPeriod, StartInterval, Retries }).filter(([, value]) => value),
  )

/** Every field of the configuration that inspect shows, in its order. */
export function normalizeConfig(
  config: ContainerConfig,
  id: string,
  host: HostConfig,
  hostname: string,
): ContainerConfig {
  const name = config.Hostname || (host.NetworkMode === 'host' || host.UTSMode === 'host' ? hostname : id.slice(0, 12))
  return {
    Hostname: name,
    Domainname: config.Domainname ?? '',
    User: config.User ?? '',
    AttachStdin: config.AttachStdin ?? false,
    AttachStdout: config.AttachStdout ?? false,
    AttachStderr: config.AttachStderr ?? false,
    ...(config.ExposedPorts && { ExposedPorts: config.ExposedPorts }),
    Tty: config.Tty ?? false,
    OpenStdin: config.OpenStdin ?? false,
    StdinOnce: config.StdinOnce ?? false,
    Env: config.Env?.length ? config.Env : null,
    Cmd: config.Cmd ?? null,
    ...(config.Healthcheck && { Healthcheck: inOrder(config.Healthcheck) }),
    ...(config.ArgsEscaped && { ArgsEscaped: true }),
    Image: config.Image ?? '',
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint ?? null,
    ...(config.NetworkDisabled && { NetworkDisabled: true }),
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? {},
    ...(config.StopSignal && { StopSignal: config.StopSignal }),
    ...(config.StopTimeout !== undefined && config.StopTimeout !== null && { StopTimeout: config.StopTimeout }),
    ...(config.Shell?.length && { Shell: config.Shell }),
  }
}
