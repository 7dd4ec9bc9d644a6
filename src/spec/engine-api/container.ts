import type { EndpointSettings, NetworkSettings, Port, PortMap } from './network.ts'
import type { ErrorDetail, OCIDescriptor } from './system.ts'
import type { Mount, MountPoint } from './volume.ts'

export interface DeviceMapping {
  readonly PathOnHost?: string | undefined
  readonly PathInContainer?: string | undefined
  readonly CgroupPermissions?: string | undefined
}

export interface DeviceRequest {
  readonly Driver?: string | undefined
  readonly Count?: number | undefined
  readonly DeviceIDs?: readonly string[] | null | undefined
  readonly Capabilities?: readonly (readonly string[])[] | null | undefined
  readonly Options?: Readonly<Record<string, string>> | null | undefined
}

export interface ThrottleDevice {
  readonly Path?: string | undefined
  readonly Rate?: number | undefined
}

export interface RestartPolicy {
  readonly Name?: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure' | undefined
  readonly MaximumRetryCount?: number | undefined
}

export interface Resources {
  readonly CpuShares?: number | undefined
  readonly Memory?: number | undefined
  readonly CgroupParent?: string | undefined
  readonly BlkioWeight?: number | undefined
  readonly BlkioWeightDevice?:
    | readonly {
        readonly Path?: string | undefined
        readonly Weight?: number | undefined
      }[]
    | null
    | undefined
  readonly BlkioDeviceReadBps?: readonly ThrottleDevice[] | null | undefined
  readonly BlkioDeviceWriteBps?: readonly ThrottleDevice[] | null | undefined
  readonly BlkioDeviceReadIOps?: readonly ThrottleDevice[] | null | undefined
  readonly BlkioDeviceWriteIOps?: readonly ThrottleDevice[] | null | undefined
  readonly CpuPeriod?: number | undefined
  readonly CpuQuota?: number | undefined
  readonly CpuRealtimePeriod?: number | undefined
  readonly CpuRealtimeRuntime?: number | undefined
  readonly CpusetCpus?: string | undefined
  readonly CpusetMems?: string | undefined
  readonly Devices?: readonly DeviceMapping[] | null | undefined
  readonly DeviceCgroupRules?: readonly string[] | null | undefined
  readonly DeviceRequests?: readonly DeviceRequest[] | null | undefined
  readonly KernelMemoryTCP?: number | undefined
  readonly MemoryReservation?: number | undefined
  readonly MemorySwap?: number | undefined
  readonly MemorySwappiness?: number | undefined
  readonly NanoCpus?: number | undefined
  readonly OomKillDisable?: boolean | undefined
  readonly Init?: boolean | null | undefined
  readonly PidsLimit?: number | null | undefined
  readonly Ulimits?:
    | readonly {
        readonly Name?: string | undefined
        readonly Soft?: number | undefined
        readonly Hard?: number | undefined
      }[]
    | null
    | undefined
  readonly CpuCount?: number | undefined
  readonly CpuPercent?: number | undefined
  readonly IOMaximumIOps?: number | undefined
  readonly IOMaximumBandwidth?: number | undefined
}

export interface Limit {
  readonly NanoCPUs?: number | undefined
  readonly MemoryBytes?: number | undefined
  readonly Pids?: number | undefined
}

export interface HealthConfig {
  readonly Test?: readonly string[] | null | undefined
  readonly Interval?: number | undefined
  readonly Timeout?: number | undefined
  readonly Retries?: number | undefined
  readonly StartPeriod?: number | undefined
  readonly StartInterval?: number | undefined
}

export interface Health {
  readonly Status?: 'none' | 'starting' | 'healthy' | 'unhealthy' | undefined
  readonly FailingStreak?: number | undefined
  readonly Log?: readonly HealthcheckResult[] | null | undefined
}

export interface HealthcheckResult {
  readonly Start?: string | undefined
  readonly End?: string | undefined
  readonly ExitCode?: number | undefined
  readonly Output?: string | undefined
}

export type HostConfig = Resources & {
  readonly Binds?: readonly string[] | null | undefined
  readonly ContainerIDFile?: string | undefined
  readonly LogConfig?:
    | {
        readonly Type?: string | undefined
        readonly Config?: Readonly<Record<string, string>> | null | undefined
      }
    | undefined
  readonly NetworkMode?: string | undefined
  readonly PortBindings?: PortMap | null | undefined
  readonly RestartPolicy?: RestartPolicy | undefined
  readonly AutoRemove?: boolean | undefined
  readonly VolumeDriver?: string | undefined
  readonly VolumesFrom?: readonly string[] | null | undefined
  readonly Mounts?: readonly Mount[] | null | undefined
  readonly ConsoleSize?: readonly number[] | null | undefined
  readonly Annotations?: Readonly<Record<string, string>> | null | undefined
  readonly CapAdd?: readonly string[] | null | undefined
  readonly CapDrop?: readonly string[] | null | undefined
  readonly CgroupnsMode?: string | undefined
  readonly Dns?: readonly string[] | null | undefined
  readonly DnsOptions?: readonly string[] | null | undefined
  readonly DnsSearch?: readonly string[] | null | undefined
  readonly ExtraHosts?: readonly string[] | null | undefined
  readonly GroupAdd?: readonly string[] | null | undefined
  readonly IpcMode?: string | undefined
  readonly Cgroup?: string | undefined
  readonly Links?: readonly string[] | null | undefined
  readonly OomScoreAdj?: number | undefined
  readonly PidMode?: string | undefined
  readonly Privileged?: boolean | undefined
  readonly PublishAllPorts?: boolean | undefined
  readonly ReadonlyRootfs?: boolean | undefined
  readonly SecurityOpt?: readonly string[] | null | undefined
  readonly StorageOpt?: Readonly<Record<string, string>> | null | undefined
  readonly Tmpfs?: Readonly<Record<string, string>> | null | undefined
  readonly UTSMode?: string | undefined
  readonly UsernsMode?: string | undefined
  readonly ShmSize?: number | undefined
  readonly Sysctls?: Readonly<Record<string, string>> | null | undefined
  readonly Runtime?: string | null | undefined
  readonly Isolation?: 'default' | 'process' | 'hyperv' | '' | undefined
  readonly MaskedPaths?: readonly string[] | null | undefined
  readonly ReadonlyPaths?: readonly string[] | null | undefined
}

export interface ContainerConfig {
  readonly Hostname?: string | undefined
  readonly Domainname?: string | undefined
  readonly User?: string | undefined
  readonly AttachStdin?: boolean | undefined
  readonly AttachStdout?: boolean | undefined
  readonly AttachStderr?: boolean | undefined
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined
  readonly Tty?: boolean | undefined
  readonly OpenStdin?: boolean | undefined
  readonly StdinOnce?: boolean | undefined
  readonly Env?: readonly string[] | null | undefined
  readonly Cmd?: readonly string[] | null | undefined
  readonly Healthcheck?: HealthConfig | null | undefined
  readonly ArgsEscaped?: boolean | null | undefined
  readonly Image?: string | undefined
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined
  readonly WorkingDir?: string | undefined
  readonly Entrypoint?: readonly string[] | null | undefined
  readonly NetworkDisabled?: boolean | null | undefined
  readonly MacAddress?: string | null | undefined
  readonly OnBuild?: readonly string[] | null | undefined
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  readonly StopSignal?: string | null | undefined
  readonly StopTimeout?: number | null | undefined
  readonly Shell?: readonly string[] | null | undefined
}

export interface DriverData {
  readonly Name?: string | undefined
  readonly Data?: Readonly<Record<string, string>> | null | undefined
}

export interface FilesystemChange {
  readonly Path?: string | undefined
  readonly Kind?: ChangeType | undefined
}

export type ChangeType = number

export interface ProcessConfig {
  readonly privileged?: boolean | undefined
  readonly user?: string | undefined
  readonly tty?: boolean | undefined
  readonly entrypoint?: string | undefined
  readonly arguments?: readonly string[] | null | undefined
}

export interface CreateImageInfo {
  readonly id?: string | undefined
  readonly error?: string | null | undefined
  readonly errorDetail?: ErrorDetail | undefined
  readonly status?: string | undefined
  readonly progress?: string | null | undefined
  readonly progressDetail?: ProgressDetail | undefined
}

export interface PushImageInfo {
  readonly error?: string | null | undefined
  readonly errorDetail?: ErrorDetail | undefined
  readonly status?: string | undefined
  readonly progress?: string | null | undefined
  readonly progressDetail?: ProgressDetail | undefined
}

export interface ProgressDetail {
  readonly current?: number | undefined
  readonly total?: number | undefined
}

export interface IDResponse {
  readonly Id?: string | undefined
}

export interface Platform {
  readonly Architecture?: string | undefined
  readonly OS?: string | undefined
}

export interface ContainerStatus {
  readonly ContainerID?: string | undefined
  readonly PID?: number | undefined
  readonly ExitCode?: number | undefined
}

export interface ContainerInspectResponse {
  readonly Id?: string | undefined
  readonly Created?: string | null | undefined
  readonly Path?: string | undefined
  readonly Args?: readonly string[] | null | undefined
  readonly State?: ContainerState | undefined
  readonly Image?: string | undefined
  readonly ResolvConfPath?: string | undefined
  readonly HostnamePath?: string | undefined
  readonly HostsPath?: string | undefined
  readonly LogPath?: string | null | undefined
  readonly Name?: string | undefined
  readonly RestartCount?: number | undefined
  readonly Driver?: string | undefined
  readonly Platform?: string | undefined
  readonly ImageManifestDescriptor?: OCIDescriptor | undefined
  readonly MountLabel?: string | undefined
  readonly ProcessLabel?: string | undefined
  readonly AppArmorProfile?: string | undefined
  readonly ExecIDs?: readonly string[] | null | undefined
  readonly HostConfig?: HostConfig | undefined
  readonly GraphDriver?: DriverData | undefined
  readonly SizeRw?: number | null | undefined
  readonly SizeRootFs?: number | null | undefined
  readonly Mounts?: readonly MountPoint[] | null | undefined
  readonly Config?: ContainerConfig | undefined
  readonly NetworkSettings?: NetworkSettings | undefined
}

export interface ContainerSummary {
  readonly Id?: string | undefined
  readonly Names?: readonly string[] | null | undefined
  readonly Image?: string | undefined
  readonly ImageID?: string | undefined
  readonly ImageManifestDescriptor?: OCIDescriptor | undefined
  readonly Command?: string | undefined
  readonly Created?: number | undefined
  readonly Ports?: readonly Port[] | null | undefined
  readonly SizeRw?: number | null | undefined
  readonly SizeRootFs?: number | null | undefined
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  readonly State?: 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing' | 'dead' | undefined
  readonly Status?: string | undefined
  readonly HostConfig?:
    | {
        readonly NetworkMode?: string | undefined
        readonly Annotations?: Readonly<Record<string, string>> | null | undefined
      }
    | undefined
  readonly NetworkSettings?:
    | {
        readonly Networks?: Readonly<Record<string, EndpointSettings>> | null | undefined
      }
    | undefined
  readonly Mounts?: readonly MountPoint[] | null | undefined
}

export interface ContainerState {
  readonly Status?: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead' | undefined
  readonly Running?: boolean | undefined
  readonly Paused?: boolean | undefined
  readonly Restarting?: boolean | undefined
  readonly OOMKilled?: boolean | undefined
  readonly Dead?: boolean | undefined
  readonly Pid?: number | undefined
  readonly ExitCode?: number | undefined
  readonly Error?: string | undefined
  readonly StartedAt?: string | undefined
  readonly FinishedAt?: string | undefined
  readonly Health?: Health | undefined
}

export interface ContainerCreateResponse {
  readonly Id?: string | undefined
  readonly Warnings?: readonly string[] | null | undefined
}

export interface ContainerUpdateResponse {
  readonly Warnings?: readonly string[] | null | undefined
}

export interface ContainerTopResponse {
  readonly Titles?: readonly string[] | null | undefined
  readonly Processes?: readonly (readonly string[])[] | null | undefined
}

export interface ContainerWaitResponse {
  readonly StatusCode?: number | undefined
  readonly Error?: ContainerWaitExitError | undefined
}

export interface ContainerWaitExitError {
  readonly Message?: string | undefined
}

export interface Topology {
  readonly Segments?: Readonly<Record<string, string>> | null | undefined
}
