import type { Duplex, Readable, Writable } from 'node:stream'
import type { Cancellable } from '../../base/cancellable.ts'
import type { Digest } from '../digest.ts'
import type { Descriptor } from '../oci-image.ts'
import type { BuildHistory } from './build-history.ts'
import type { RegistryAuth } from './engine.ts'
import type { LowLevelGraph } from './low-level.ts'

/** A file or directory as a client describes it. */
export interface FileStat {
  /** slash separated, relative to the directory */
  readonly path: string
  /** bits of Go's os.FileMode */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly modTimeNanos: bigint
  /** of a symbolic link its target, of a regular file the path that it is another name of */
  readonly linkName: string
  readonly deviceMajor: number
  readonly deviceMinor: number
}

/** Takes a directory: what there is, then the contents asked for. */
export interface DirectorySink {
  /** Called in the order of a walk; true: its content is to be sent. */
  entry(stat: FileStat): boolean
  data(path: string, chunk: Uint8Array): Promise<void> | void
  end(path: string): Promise<void> | void
}

export interface DirectoryOptions extends Cancellable {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  /** only these, and what their links point to */
  readonly follow?: readonly string[]
}

/** Gives a directory away: entries in the order of a walk, contents by path. */
export interface DirectorySource {
  readonly entries: () => Iterable<FileStat> | AsyncIterable<FileStat>
  readonly open: (path: string) => AsyncIterable<Uint8Array>
}

/** Blobs that somebody else keeps: a directory of the client's, a repository of a registry. */
export interface BlobPlace {
  has(digest: Digest, options?: Cancellable): Promise<boolean>
  /** @throws when it is not there */
  open(digest: Digest, options?: Cancellable): Promise<Readable>
  put(blob: Descriptor, open: () => Readable, options?: Cancellable): Promise<void>
}

/** What the client that started a build does for it while it runs. */
export interface BuildClient {
  readonly id: string
  /** the same for builds of the same directory by the same user */
  readonly sharedKey: string
  /** @throws EngineError when the client has no such directory, or is gone */
  receiveDirectory(name: string, options: DirectoryOptions, sink: DirectorySink): Promise<void>
  sendDirectory(target: number, source: DirectorySource, options?: Cancellable): Promise<void>
  /** one file, such as an archive, written to where the client wants it */
  sendFile(target: number, metadata: Readonly<Record<string, string>>, options?: Cancellable): Writable
  credentials(host: string): Promise<RegistryAuth | undefined>
  /** undefined when the client has no such secret */
  secret(id: string): Promise<Uint8Array | undefined>
  hasAgent(id: string): Promise<boolean>
  openAgent(id: string): Duplex
  /** what the client has on its standard input, by the address that it gave */
  upload(url: URL): AsyncIterable<Uint8Array>
  /** a directory of blobs, by the name that the client knows it by */
  blobs(store: string): BlobPlace
}

export interface Vertex {
  readonly digest: string
  readonly inputs: readonly string[]
  readonly name: string
  readonly cached?: boolean
  /** milliseconds since 1970 */
  readonly started?: number | undefined
  readonly completed?: number | undefined
  readonly error?: string | undefined
}

export interface VertexStatus {
  readonly ID: string
  readonly vertex: string
  readonly name?: string
  readonly current?: number
  readonly total?: number
  readonly timestamp: number
  readonly started?: number | undefined
  readonly completed?: number | undefined
}

export interface VertexLog {
  readonly vertex: string
  readonly timestamp: number
  /** 1 or 2 */
  readonly stream: number
  readonly msg: Uint8Array
}

/** Lines of a file, from 1, both included. */
export interface LineRange {
  readonly start: number
  readonly end: number
}

export interface VertexWarning {
  readonly vertex: string
  readonly level: number
  readonly short: string
  readonly detail: readonly string[]
  readonly url: string
  readonly source?: SourceExcerpt | undefined
}

/** Where in a file something went wrong. */
export interface SourceExcerpt {
  readonly fileName: string
  readonly text: string
  readonly ranges: readonly LineRange[]
}

export interface SolveProgress {
  readonly vertexes?: readonly Vertex[]
  readonly statuses?: readonly VertexStatus[]
  readonly logs?: readonly VertexLog[]
  readonly warnings?: readonly VertexWarning[]
}

/** An attribute map of the protocol: a frontend's options, an exporter's attributes. */
export type Attributes = Readonly<Record<string, string>>

export interface ExportRequest {
  readonly type: string
  readonly attributes: Attributes
}

export interface CacheLocation {
  readonly type: string
  readonly attributes: Attributes
}

export interface SolveRequest extends Cancellable {
  readonly frontend: string
  /** operations to be done instead of what a frontend says */
  readonly definition?: LowLevelGraph | undefined
  readonly options: Attributes
  readonly cacheImports: readonly CacheLocation[]
  /** such as `network.host` */
  readonly entitlements: readonly string[]
  /** files that the client gives a frontend by name, as another build or its own graph makes them */
  readonly inputs?: ReadonlyMap<string, LowLevelGraph>
}

/** What was built and is still to be exported; disposing lets go of it. */
export interface Solved extends Disposable {
  readonly metadata: Readonly<Record<string, Uint8Array>>
  /** by platform; undefined when the answer is in `metadata` alone */
  readonly results: ReadonlyMap<string, SolvedImage> | undefined
  /** what can be said of the results, for those who ask later */
  statements?(): readonly { readonly predicateType: string; readonly predicate: unknown }[]
}

export interface SolvedImage {
  readonly id: string
  readFile(path: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array>
  readDirectory(path: string, pattern: string): Promise<readonly FileStat[]>
  stat(path: string): Promise<FileStat>
}

export interface CacheRecordInfo {
  readonly id: string
  readonly mutable: boolean
  readonly inUse: boolean
  readonly shared: boolean
  readonly sizeBytes: number
  readonly parents: readonly string[]
  /** milliseconds since 1970 */
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly usageCount: number
  readonly description: string
  readonly type: string
}

export interface CachePruneOptions {
  readonly filters: readonly string[]
  readonly all: boolean
  readonly keepDurationNanos: number
  readonly reservedSpace: number
  readonly maxUsedSpace: number
  readonly minFreeSpace: number
}

export interface WorkerInfo {
  readonly id: string
  readonly labels: Attributes
  readonly platforms: readonly { readonly os: string; readonly architecture: string; readonly variant?: string }[]
}

/** What BuildKit's clients talk to. */
export interface Solver {
  worker(): WorkerInfo
  /**
   * Builds.
   *
   * @throws SolveError, whose `source` tells where in the Dockerfile it happened
   */
  solve(request: SolveRequest, client: BuildClient, send: (progress: SolveProgress) => void): Promise<Solved>
  /** Gives what was built to where it is wanted; returns what the client shows as the build's metadata. */
  export(
    solved: Solved | undefined,
    exports: readonly ExportRequest[],
    cacheExports: readonly CacheLocation[],
    client: BuildClient,
    send: (progress: SolveProgress) => void,
    /** `metadata` is what the client returned with the result */
    options?: Cancellable & { readonly metadata?: Solved['metadata'] | undefined },
  ): Promise<Attributes>
  /** What a registry, or the engine, has for the name of an image: its digest and configuration. */
  resolveImage(
    request: { readonly name: string; readonly platform: string | undefined; readonly pull: boolean } & Cancellable,
    client: BuildClient,
    send: (progress: SolveProgress) => void,
  ): Promise<{ readonly digest: Digest; readonly config: Uint8Array }>
  usage(): Promise<readonly CacheRecordInfo[]>
  readonly history: BuildHistory
  pruneCache(options: CachePruneOptions): Promise<readonly CacheRecordInfo[]>
}
