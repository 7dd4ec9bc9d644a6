import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import type { Database } from '../base/database.ts'
import type { Log } from '../base/log.ts'
import type { Images } from '../image/images.ts'
import type { Snapshotter } from '../snapshot/snapshotter.ts'
import type { Digest } from '../spec/digest.ts'
import type { BuildOptions, BuildOutput } from '../spec/engine-api/build-verbs.ts'
import type { ExecutionConfig } from '../spec/oci-image.ts'

/** Archives of directories whose content may be hostile: no link in them or in an archive leads out. */
export interface TreeFiles {
  tar(root: { readonly fd: number }, path: string, name: string): Readable
  extract(
    root: { readonly fd: number },
    path: string,
    archive: Readable,
    rules: object,
    options?: Cancellable,
  ): Promise<void>
}

/** What a command sees beside its root; as the OCI runtime takes it. */
export interface StepMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
  readonly isDirectory: boolean
  /** whose `source` is to be, in ids of the command; on disks of the engine files have those already */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** Directories that commands share by name. */
export interface Caches {
  take(
    id: string,
    sharing: 'shared' | 'private' | 'locked',
    options: Cancellable,
  ): Promise<{ readonly path: string; readonly isNew: boolean } & Disposable>
  list(): readonly CacheMountInfo[]
  /** calm when it is in use: it stays then */
  remove(key: string): void
}

export interface CacheMountInfo {
  readonly key: string
  readonly id: string
  readonly path: string
  /** milliseconds since 1970 */
  readonly lastUsed: number
  readonly inUse: boolean
}

/** One command of RUN, to be run like a container that leaves nothing but its files. */
export interface RunStepRequest {
  /** the stack that it runs on; undefined is empty */
  readonly chainId: Digest | undefined
  /** directory of the writable layer, on the file system of the layers; what is written stays there */
  readonly upper: string
  readonly work: string
  /** random, 64 hex digits, as it was shown to the user */
  readonly id: string
  /** of the image so far: `Volumes` are paths whose changes are lost */
  readonly config: ExecutionConfig
  readonly command: readonly string[]
  readonly env: readonly string[]
  readonly user: string
  readonly workdir: string
  /** as `--network` of `docker run`; empty is the default */
  readonly networkMode: string
  /** name of the machine, to which nothing tells that it is a container; undefined is a container as any */
  readonly hostname?: string | undefined
  readonly mounts: readonly StepMount[]
  /** as `--privileged` of `docker run` */
  readonly privileged?: boolean
  /** by their names of CDI */
  readonly devices?: readonly { readonly name: string; readonly required: boolean }[]
  /** memory, CPU, hosts, shared memory, ulimits */
  readonly options: BuildOptions
  readonly onOutput: (chunk: Buffer, output: BuildOutput) => void
  readonly signal?: AbortSignal | undefined
}

export interface BuildDeps {
  readonly db: Database
  readonly images: Images
  readonly snapshots: Snapshotter
  readonly log: Log
  /** for work in progress, on the file system of the layers; emptied at start */
  readonly dir: string
  readonly caches: Caches
  readonly files: TreeFiles
  /** Resolves with the exit code when nothing of the command runs or is mounted any more. */
  readonly runStep: (request: RunStepRequest) => Promise<number>
}
