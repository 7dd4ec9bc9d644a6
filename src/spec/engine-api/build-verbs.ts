import type { Readable } from 'node:stream'
import type { Cancellable } from '../../base/cancellable.ts'
import type { HostConfig } from './container.ts'
import type { Filters, OnProgress, PruneReport, RegistryAuth } from './engine.ts'

export type BuildOutput = 'stdout' | 'stderr'

/** The parameters of POST /build, decoded. */
export interface BuildOptions extends Cancellable {
  readonly tags: readonly string[]
  /** path in the context; default `Dockerfile` */
  readonly dockerfile?: string | undefined
  /** URL of a Dockerfile or a context */
  readonly remote?: string | undefined
  readonly quiet?: boolean
  readonly noCache?: boolean
  readonly pull?: boolean
  /** say that intermediate containers were removed; default true */
  readonly remove?: boolean
  readonly squash?: boolean
  /** null: declared on the command line without a value */
  readonly buildArgs?: Readonly<Record<string, string | null>>
  readonly labels?: Readonly<Record<string, string>>
  readonly target?: string | undefined
  readonly networkMode?: string | undefined
  /** of the machine that BuildKit's steps see */
  readonly hostname?: string | undefined
  readonly platform?: string | undefined
  readonly extraHosts?: readonly string[]
  readonly cacheFrom?: readonly string[]
  readonly ulimits?: HostConfig['Ulimits']
  readonly cgroupParent?: string | undefined
  /** bytes */
  readonly shmSize?: number | undefined
  readonly memory?: number | undefined
  readonly memorySwap?: number | undefined
  readonly cpuShares?: number | undefined
  readonly cpuPeriod?: number | undefined
  readonly cpuQuota?: number | undefined
  readonly cpusetCpus?: string | undefined
  readonly cpusetMems?: string | undefined
  /** credentials by host of a registry, from X-Registry-Config */
  readonly auths?: ReadonlyMap<string, RegistryAuth>
}

export interface BuildVerbs {
  /**
   * Builds an image. What goes wrong before the first message is thrown; afterwards it is the last message, with
   * `error` and `errorDetail`.
   *
   * @param context a tar, compressed in whatever way; read to its end before the first message
   */
  build(options: BuildOptions, context: Readable, progress: OnProgress): Promise<void>
  /** Forgets what earlier builds left for later ones; images stay. */
  prune(options: BuildPruneOptions): Promise<PruneReport>
}

/** The parameters of POST /build/prune, decoded. */
export interface BuildPruneOptions {
  readonly filters: Filters
  /** what images have too */
  readonly all?: boolean
  /** bytes that may stay */
  readonly reservedSpace?: number | undefined
  readonly maxUsedSpace?: number | undefined
  readonly minFreeSpace?: number | undefined
}

/** Directories that commands of builds share by name (`RUN --mount=type=cache`). Docker has none of these. */
export interface BuildCacheVerbs {
  list(): Promise<readonly { readonly Id: string; readonly InUse: boolean }[]>
  exportTar(id: string): Promise<Readable>
  /** The files are the old ones or the archive's, never a mixture. */
  importTar(id: string, archive: Readable, options?: Cancellable): Promise<void>
}
