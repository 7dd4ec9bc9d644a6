export interface AuthConfig {
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly email?: string | undefined
  readonly serveraddress?: string | undefined
}

export interface DeviceInfo {
  readonly Source?: string | undefined
  readonly ID?: string | undefined
}

export interface ErrorDetail {
  readonly code?: number | undefined
  readonly message?: string | undefined
}

export interface ErrorResponse {
  readonly message?: string | undefined
}

export interface SystemVersion {
  readonly Platform?:
    | {
        readonly Name?: string | undefined
      }
    | undefined
  readonly Components?:
    | readonly {
        readonly Name?: string | undefined
        readonly Version?: string | undefined
        readonly Details?: Readonly<Record<string, unknown>> | null | undefined
      }[]
    | undefined
  readonly Version?: string | undefined
  readonly ApiVersion?: string | undefined
  readonly MinAPIVersion?: string | undefined
  readonly GitCommit?: string | undefined
  readonly GoVersion?: string | undefined
  readonly Os?: string | undefined
  readonly Arch?: string | undefined
  readonly KernelVersion?: string | undefined
  readonly Experimental?: boolean | undefined
  readonly BuildTime?: string | undefined
}

export interface SystemInfo {
  readonly ID?: string | undefined
  readonly Containers?: number | undefined
  readonly ContainersRunning?: number | undefined
  readonly ContainersPaused?: number | undefined
  readonly ContainersStopped?: number | undefined
  readonly Images?: number | undefined
  readonly Driver?: string | undefined
  readonly DriverStatus?: readonly (readonly string[])[] | undefined
  readonly DockerRootDir?: string | undefined
  readonly Plugins?: unknown | undefined
  readonly MemoryLimit?: boolean | undefined
  readonly SwapLimit?: boolean | undefined
  readonly KernelMemoryTCP?: boolean | undefined
  readonly CpuCfsPeriod?: boolean | undefined
  readonly CpuCfsQuota?: boolean | undefined
  readonly CPUShares?: boolean | undefined
  readonly CPUSet?: boolean | undefined
  readonly PidsLimit?: boolean | undefined
  readonly OomKillDisable?: boolean | undefined
  readonly IPv4Forwarding?: boolean | undefined
  readonly Debug?: boolean | undefined
  readonly NFd?: number | undefined
  readonly NGoroutines?: number | undefined
  readonly SystemTime?: string | undefined
  readonly LoggingDriver?: string | undefined
  readonly CgroupDriver?: 'cgroupfs' | 'systemd' | 'none' | undefined
  readonly CgroupVersion?: '1' | '2' | undefined
  readonly NEventsListener?: number | undefined
  readonly KernelVersion?: string | undefined
  readonly OperatingSystem?: string | undefined
  readonly OSVersion?: string | undefined
  readonly OSType?: string | undefined
  readonly Architecture?: string | undefined
  readonly NCPU?: number | undefined
  readonly MemTotal?: number | undefined
  readonly IndexServerAddress?: string | undefined
  readonly RegistryConfig?: RegistryServiceConfig | undefined
  readonly GenericResources?: unknown | undefined
  readonly HttpProxy?: string | undefined
  readonly HttpsProxy?: string | undefined
  readonly NoProxy?: string | undefined
  readonly Name?: string | undefined
  readonly Labels?: readonly string[] | undefined
  readonly ExperimentalBuild?: boolean | undefined
  readonly ServerVersion?: string | undefined
  readonly Runtimes?: Readonly<Record<string, Runtime>> | undefined
  readonly DefaultRuntime?: string | undefined
  readonly Swarm?: unknown | undefined
  readonly LiveRestoreEnabled?: boolean | undefined
  readonly Isolation?: 'default' | 'hyperv' | 'process' | '' | undefined
  readonly InitBinary?: string | undefined
  readonly ContainerdCommit?: Commit | undefined
  readonly RuncCommit?: Commit | undefined
  readonly InitCommit?: Commit | undefined
  readonly SecurityOptions?: readonly string[] | undefined
  readonly ProductLicense?: string | undefined
  readonly DefaultAddressPools?:
    | readonly {
        readonly Base?: string | undefined
        readonly Size?: number | undefined
      }[]
    | undefined
  readonly FirewallBackend?: FirewallInfo | undefined
  readonly DiscoveredDevices?: readonly DeviceInfo[] | undefined
  readonly Warnings?: readonly string[] | undefined
  readonly CDISpecDirs?: readonly string[] | undefined
  readonly Containerd?: ContainerdInfo | undefined
}

export interface ContainerdInfo {
  readonly Address?: string | undefined
  readonly Namespaces?:
    | {
        readonly Containers?: string | undefined
        readonly Plugins?: string | undefined
      }
    | undefined
}

export interface FirewallInfo {
  readonly Driver?: string | undefined
  readonly Info?: readonly (readonly string[])[] | undefined
}

export interface RegistryServiceConfig {
  readonly InsecureRegistryCIDRs?: readonly string[] | undefined
  readonly IndexConfigs?: Readonly<Record<string, IndexInfo>> | undefined
  readonly Mirrors?: readonly string[] | undefined
}

export interface IndexInfo {
  readonly Name?: string | undefined
  readonly Mirrors?: readonly string[] | undefined
  readonly Secure?: boolean | undefined
  readonly Official?: boolean | undefined
}

export interface Runtime {
  readonly path?: string | undefined
  readonly runtimeArgs?: readonly string[] | null | undefined
  readonly status?: Readonly<Record<string, string>> | null | undefined
}

export interface Commit {
  readonly ID?: string | undefined
}

export interface EventActor {
  readonly ID?: string | undefined
  readonly Attributes?: Readonly<Record<string, string>> | undefined
}

export interface EventMessage {
  readonly Type?:
    | 'builder'
    | 'config'
    | 'container'
    | 'daemon'
    | 'image'
    | 'network'
    | 'node'
    | 'plugin'
    | 'secret'
    | 'service'
    | 'volume'
    | undefined
  readonly Action?: string | undefined
  readonly Actor?: EventActor | undefined
  readonly scope?: 'local' | 'swarm' | undefined
  readonly time?: number | undefined
  readonly timeNano?: number | undefined
}

export interface OCIDescriptor {
  readonly mediaType?: string | undefined
  readonly digest?: string | undefined
  readonly size?: number | undefined
  readonly urls?: readonly string[] | null | undefined
  readonly annotations?: Readonly<Record<string, string>> | null | undefined
  readonly data?: string | null | undefined
  readonly platform?: OCIPlatform | undefined
  readonly artifactType?: string | null | undefined
}

export interface OCIPlatform {
  readonly architecture?: string | undefined
  readonly os?: string | undefined
  readonly 'os.version'?: string | undefined
  readonly 'os.features'?: readonly string[] | undefined
  readonly variant?: string | undefined
}

export interface DistributionInspect {
  readonly Descriptor?: OCIDescriptor | undefined
  readonly Platforms?: readonly OCIPlatform[] | undefined
}
