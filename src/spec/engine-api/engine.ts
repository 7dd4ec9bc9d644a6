import type { Duplex, Readable } from 'node:stream'
import type { Cancellable } from '../../base/cancellable.ts'
import type { Secret } from '../../base/secret.ts'
import type { BuildCacheVerbs, BuildVerbs } from './build-verbs.ts'
import type {
  ContainerConfig,
  ContainerCreateResponse,
  ContainerInspectResponse,
  ContainerSummary,
  ContainerTopResponse,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  FilesystemChange,
  HostConfig,
} from './container.ts'
import type { ContainerStatsResponse } from './container-stats.ts'
import type { ExecInspectResponse } from './exec.ts'
import type { ImageDeleteResponseItem, ImageHistoryResponseItem, ImageInspect, ImageSummary } from './image.ts'
import type { EndpointSettings, IPAM, Network, NetworkCreateResponse, NetworkingConfig } from './network.ts'
import type { DistributionInspect, EventMessage, SystemInfo, SystemVersion } from './system.ts'
import type { Volume, VolumeCopyOptions, VolumeCreateOptions, VolumeListResponse } from './volume.ts'

/** Filter arguments: key → accepted values. https://docs.docker.com/reference/api/engine/version/v1.51/ */
export type Filters = ReadonlyMap<string, readonly string[]>

/** Credentials for one registry, from X-Registry-Auth. */
export interface RegistryAuth {
  readonly username?: string
  readonly password?: Secret
  readonly serverAddress?: string
  readonly identityToken?: Secret
  readonly registryToken?: Secret
}

/** One object of a progress stream (pull, push, load, build, import). */
export interface ProgressMessage {
  readonly status?: string
  readonly id?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number; readonly hidecounts?: boolean }
  readonly progress?: string
  readonly stream?: string
  readonly aux?: unknown
  readonly error?: string
  readonly errorDetail?: { readonly code?: number; readonly message: string }
}

export type OnProgress = (message: ProgressMessage) => void

/** Bytes to and from a process. Ending the writable half is end of input; the readable half lives on. */
export interface AttachedStream {
  readonly stream: Duplex
  /** with a terminal the bytes are raw, else they are stdcopy frames */
  readonly tty: boolean
}

export interface AttachOptions extends Cancellable {
  readonly logs: boolean
  readonly stream: boolean
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly detachKeys?: string | undefined
  /** mix stdout and stderr without frames, as the WebSocket wants it */
  readonly raw?: boolean
}

export interface LogsOptions extends Cancellable {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly follow: boolean
  readonly timestamps: boolean
  readonly details: boolean
  /** nanoseconds since 1970 */
  readonly since?: bigint | undefined
  readonly until?: bigint | undefined
  /** lines; undefined is all */
  readonly tail?: number | undefined
}

export interface CreateContainerRequest {
  readonly name?: string | undefined
  readonly platform?: string | undefined
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  readonly networkingConfig: NetworkingConfig
  readonly apiVersion: string
}

export interface PathStat {
  readonly name: string
  readonly size: number
  /** Go's os.FileMode bits */
  readonly mode: number
  readonly mtime: string
  readonly linkTarget: string
}

export interface PruneReport {
  readonly deleted: readonly string[] | null
  readonly spaceReclaimed: number
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

export interface CheckpointOptions {
  readonly name: string
  /** where checkpoints are kept; default with the container */
  readonly directory?: string | undefined
  /** whether the container ends */
  readonly exit: boolean
}

export interface CheckpointSummary {
  readonly Name: string
}

export interface ContainerVerbs {
  create(request: CreateContainerRequest): Promise<ContainerCreateResponse>
  list(options: {
    readonly all: boolean
    readonly limit?: number | undefined
    readonly size: boolean
    readonly filters: Filters
  }): Promise<readonly ContainerSummary[]>
  inspect(id: string, options?: { readonly size?: boolean }): Promise<ContainerInspectResponse>
  start(id: string, options?: { readonly checkpoint?: string; readonly checkpointDir?: string }): Promise<void>
  stop(
    id: string,
    options?: { readonly timeoutSeconds?: number | undefined; readonly signalName?: string | undefined },
  ): Promise<void>
  restart(
    id: string,
    options?: { readonly timeoutSeconds?: number | undefined; readonly signalName?: string | undefined },
  ): Promise<void>
  kill(id: string, signalName?: string): Promise<void>
  pause(id: string): Promise<void>
  unpause(id: string): Promise<void>
  rename(id: string, name: string): Promise<void>
  update(id: string, changes: Readonly<Record<string, unknown>>): Promise<ContainerUpdateResponse>
  remove(
    id: string,
    options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean },
  ): Promise<void>
  prune(filters: Filters): Promise<PruneReport>
  /** Resolves at once, `exit` settles later: the caller answers headers in between. */
  wait(
    id: string,
    condition: WaitCondition,
    options?: Cancellable,
  ): Promise<{ readonly exit: Promise<ContainerWaitResponse> }>
  attach(id: string, options: AttachOptions): Promise<AttachedStream>
  logs(id: string, options: LogsOptions): Promise<{ readonly stream: Readable; readonly tty: boolean }>
  resize(id: string, size: { readonly height: number; readonly width: number }): Promise<void>
  top(id: string, psArgs: string): Promise<ContainerTopResponse>
  changes(id: string): Promise<readonly FilesystemChange[] | null>
  stats(
    id: string,
    options: { readonly stream: boolean; readonly oneShot: boolean } & Cancellable,
  ): Promise<AsyncIterable<ContainerStatsResponse>>
  createCheckpoint(id: string, options: CheckpointOptions): Promise<void>
  listCheckpoints(id: string, directory?: string): Promise<readonly CheckpointSummary[]>
  removeCheckpoint(id: string, name: string, directory?: string): Promise<void>
  exportTar(id: string): Promise<Readable>
  statPath(id: string, path: string): Promise<PathStat>
  getArchive(id: string, path: string): Promise<{ readonly stat: PathStat; readonly tar: Readable }>
  putArchive(
    id: string,
    path: string,
    tar: Readable,
    options: { readonly noOverwriteDirNonDir: boolean; readonly copyUidGid: boolean },
  ): Promise<void>
}

export interface ExecConfig {
  readonly AttachStdin?: boolean
  readonly AttachStdout?: boolean
  readonly AttachStderr?: boolean
  readonly Detach?: boolean
  readonly DetachKeys?: string
  readonly Tty?: boolean
  readonly Env?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Privileged?: boolean
  readonly User?: string
  readonly WorkingDir?: string
  readonly ConsoleSize?: readonly number[] | null
}

export interface ExecVerbs {
  create(containerId: string, config: ExecConfig): Promise<{ readonly Id: string }>
  /** Starts it; with `detach` there is no stream and the promise resolves once it runs. */
  start(
    id: string,
    options: { readonly detach: boolean; readonly tty: boolean; readonly consoleSize?: readonly number[] | undefined },
  ): Promise<AttachedStream | undefined>
  inspect(id: string): Promise<ExecInspectResponse>
  resize(id: string, size: { readonly height: number; readonly width: number }): Promise<void>
}

export interface PullRequest extends Cancellable {
  /** name without tag, as the client sent it */
  readonly fromImage: string
  /** tag or digest; undefined or empty pulls all tags unless `fromImage` holds one */
  readonly tag?: string | undefined
  readonly platform?: string | undefined
  readonly auth?: RegistryAuth | undefined
}

export interface ImageVerbs {
  /** The first call of `progress` commits the caller to a 200 answer; what goes wrong before is thrown. */
  pull(request: PullRequest, progress: OnProgress): Promise<void>
  push(
    name: string,
    options: {
      readonly tag?: string | undefined
      readonly platform?: string | undefined
      readonly auth?: RegistryAuth | undefined
    } & Cancellable,
    progress: OnProgress,
  ): Promise<void>
  list(options: {
    readonly all: boolean
    readonly filters: Filters
    readonly sharedSize: boolean
    readonly digests: boolean
    readonly manifests: boolean
  }): Promise<readonly ImageSummary[]>
  inspect(
    name: string,
    options?: { readonly platform?: string | undefined; readonly manifests?: boolean },
  ): Promise<ImageInspect>
  history(
    name: string,
    options?: { readonly platform?: string | undefined },
  ): Promise<readonly ImageHistoryResponseItem[]>
  tag(name: string, repo: string, tag: string): Promise<void>
  remove(
    name: string,
    options: { readonly force: boolean; readonly noPrune: boolean; readonly platforms?: readonly string[] },
  ): Promise<readonly ImageDeleteResponseItem[]>
  prune(
    filters: Filters,
  ): Promise<{ readonly deleted: readonly ImageDeleteResponseItem[] | null; readonly spaceReclaimed: number }>
  save(names: readonly string[], options?: { readonly platforms?: readonly string[] }): Promise<Readable>
  load(
    tar: Readable,
    options: { readonly quiet: boolean; readonly platforms?: readonly string[] } & Cancellable,
    progress: OnProgress,
  ): Promise<void>
  import(
    source: Readable | string,
    options: {
      readonly repo: string
      readonly tag: string
      readonly message: string
      readonly changes: readonly string[]
      readonly platform?: string | undefined
    } & Cancellable,
    progress: OnProgress,
  ): Promise<void>
  commit(options: {
    readonly container: string
    readonly repo: string
    readonly tag: string
    readonly comment: string
    readonly author: string
    readonly pause: boolean
    readonly changes: readonly string[]
    readonly config?: ContainerConfig | undefined
  }): Promise<{ readonly Id: string }>
  search(
    term: string,
    options: {
      readonly limit?: number | undefined
      readonly filters: Filters
      readonly auth?: RegistryAuth | undefined
    },
  ): Promise<readonly unknown[]>
  distribution(name: string, auth?: RegistryAuth): Promise<DistributionInspect>
}

export interface NetworkCreateRequest {
  readonly Name: string
  readonly Driver?: string
  readonly Scope?: string
  readonly Internal?: boolean
  readonly Attachable?: boolean
  readonly Ingress?: boolean
  readonly ConfigOnly?: boolean
  readonly ConfigFrom?: { readonly Network?: string } | null
  readonly IPAM?: IPAM | null
  readonly EnableIPv4?: boolean | null
  readonly EnableIPv6?: boolean | null
  readonly Options?: Readonly<Record<string, string>> | null
  readonly Labels?: Readonly<Record<string, string>> | null
}

export interface NetworkVerbs {
  create(request: NetworkCreateRequest): Promise<NetworkCreateResponse>
  list(filters: Filters): Promise<readonly Network[]>
  inspect(id: string, options?: { readonly verbose?: boolean; readonly scope?: string | undefined }): Promise<Network>
  remove(id: string): Promise<void>
  connect(id: string, container: string, endpoint: EndpointSettings): Promise<void>
  disconnect(id: string, container: string, force: boolean): Promise<void>
  prune(filters: Filters): Promise<readonly string[] | null>
}

export interface VolumeVerbs {
  create(options: VolumeCreateOptions): Promise<Volume>
  list(filters: Filters): Promise<VolumeListResponse>
  inspect(name: string): Promise<Volume>
  remove(name: string, force: boolean): Promise<void>
  prune(filters: Filters): Promise<PruneReport>
  // Docker has none of the following: docs/volumes.md
  copy(name: string, options: VolumeCopyOptions): Promise<Volume>
  rename(name: string, to: string): Promise<void>
  /** null takes a label away */
  relabel(name: string, labels: Readonly<Record<string, string | null>>): Promise<Volume>
  exportTar(name: string): Promise<Readable>
  importTar(name: string, archive: Readable, options: { readonly replace: boolean } & Cancellable): Promise<void>
}

export interface EventsOptions extends Cancellable {
  /** nanoseconds since 1970 */
  readonly since?: bigint | undefined
  readonly until?: bigint | undefined
  readonly filters: Filters
}

export interface AuthResponse {
  readonly Status: string
  readonly IdentityToken: string
}

export type DiskUsageKind = 'container' | 'image' | 'volume' | 'build-cache'

/** What a check found, as it goes. */
export interface CheckMessage {
  /** `damaged`: and not repaired; `progress`: nothing to worry about */
  readonly status: 'progress' | 'damaged' | 'repaired'
  readonly text: string
}

/** What owns bytes on the disk; `nobody` what should not be there. */
export interface DiskOwner {
  readonly name: string
  /** bytes, as du counts them */
  readonly size: number
  /** of `nobody`: where */
  readonly paths?: readonly string[]
}

export interface SystemVerbs {
  ping(): Promise<{ readonly builderVersion: string }>
  version(): Promise<SystemVersion>
  info(): Promise<SystemInfo>
  events(options: EventsOptions): AsyncIterable<EventMessage>
  diskUsage(kinds: readonly DiskUsageKind[]): Promise<Readonly<Record<string, unknown>>>
  auth(auth: RegistryAuth): Promise<AuthResponse>
  /** Reads every blob and layer; what is damaged is named, and with `repair` fetched again. */
  check(options: { readonly repair: boolean } & Cancellable): AsyncIterable<CheckMessage>
  /** Every byte below the engine's root, by owner. */
  diskOwners(): Promise<readonly DiskOwner[]>
}

/** Everything the engine can do, once. `LocalEngine` does it, `RemoteEngine` asks another engine to. */
export interface Engine {
  readonly containers: ContainerVerbs
  readonly execs: ExecVerbs
  readonly images: ImageVerbs
  readonly networks: NetworkVerbs
  readonly volumes: VolumeVerbs
  readonly build: BuildVerbs
  readonly buildCaches: BuildCacheVerbs
  readonly system: SystemVerbs
}
