import type { PluginMetadata } from '../../plugins.ts'

/** What `info` says about ourselves. */
export interface ClientInfo {
  readonly Debug: boolean
  readonly Version: string
  readonly GitCommit: string
  readonly GoVersion: string
  readonly Os: string
  readonly Arch: string
  readonly BuildTime: string
  readonly DefaultAPIVersion: string
  readonly Context: string
  readonly Plugins: readonly PluginMetadata[]
  readonly Warnings: readonly string[] | null
}

type Names = readonly string[] | null | undefined
type Text = string | undefined

/** The fields of GET /info that are printed. */
export interface FullInfo {
  readonly Containers: number
  readonly ContainersRunning: number
  readonly ContainersPaused: number
  readonly ContainersStopped: number
  readonly Images: number
  readonly ServerVersion?: Text
  readonly Driver?: Text
  readonly DriverStatus?: readonly (readonly string[])[] | null
  readonly LoggingDriver?: Text
  readonly CgroupDriver?: Text
  readonly CgroupVersion?: Text
  readonly Plugins?: {
    readonly Volume?: Names
    readonly Network?: Names
    readonly Authorization?: Names
    readonly Log?: Names
  }
  readonly CDISpecDirs?: Names
  readonly DiscoveredDevices?: readonly { readonly Source: string; readonly ID: string }[] | null
  readonly Swarm?: Readonly<Record<string, unknown>>
  readonly Runtimes?: Readonly<Record<string, unknown>>
  readonly DefaultRuntime?: Text
  readonly InitBinary?: Text
  readonly ContainerdCommit?: { readonly ID?: Text }
  readonly RuncCommit?: { readonly ID?: Text }
  readonly InitCommit?: { readonly ID?: Text }
  readonly SecurityOptions?: Names
  readonly KernelVersion?: Text
  readonly OperatingSystem?: Text
  readonly OSType?: Text
  readonly Architecture?: Text
  readonly NCPU: number
  readonly MemTotal?: number
  readonly Name?: Text
  readonly ID?: Text
  readonly DockerRootDir?: Text
  readonly Debug?: boolean
  readonly NFd?: number
  readonly NGoroutines?: number
  readonly SystemTime?: Text
  readonly NEventsListener?: number
  readonly HttpProxy?: Text
  readonly HttpsProxy?: Text
  readonly NoProxy?: Text
  readonly Labels?: Names
  readonly ExperimentalBuild?: boolean
  readonly RegistryConfig?: {
    readonly IndexConfigs?: Readonly<Record<string, { readonly Name: string; readonly Secure: boolean }>> | null
    readonly InsecureRegistryCIDRs?: Names
    readonly Mirrors?: Names
  }
  readonly LiveRestoreEnabled?: boolean
  readonly ProductLicense?: Text
  readonly DefaultAddressPools?: readonly { readonly Base: string; readonly Size: number }[] | null
  readonly FirewallBackend?: { readonly Driver?: Text }
  readonly Warnings?: Names
}
