import type { ErrorKind } from '../base/errors.ts'
import type { RootHandle } from '../kernel/enter-root.ts'
import type { FilesystemChange } from '../spec/engine-api/container.ts'
import type { PathStat } from '../spec/engine-api/engine.ts'
import type { IdRanges } from '../spec/id-ranges.ts'
import type { ArchiveIndex } from './archive-index.ts'
import type { SettledTimes } from './layer-tar.ts'

/** What becomes an archive. */
export type TarSource =
  /** the upper directory of an overlay, as a layer */
  | { readonly type: 'layer'; readonly upper: string }
  /** a path below a root, whose first member is called `name` */
  | { readonly type: 'tree'; readonly root: RootHandle; readonly path: string; readonly name: string }
  /** all that a root holds */
  | { readonly type: 'children'; readonly root: RootHandle }

export interface ExtractRules {
  /** refuse to replace a directory by something else, and the reverse */
  readonly noOverwriteDirNonDir?: boolean
  /** instead of the owners that the archive names */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** owners of the archive, as a user namespace knows them, become these on the disk */
  readonly ids?: IdRanges | undefined
}

/** What the engine's thread says to a worker: one job, then its credit. The bytes that it eats lie in a ring. */
export type Request =
  | { readonly type: 'unpack'; readonly directory: string; readonly whiteouts: boolean }
  | { readonly type: 'extract'; readonly root: RootHandle; readonly path: string; readonly rules: ExtractRules }
  /** keeps the archive as `path`, and says what it holds; the contents of `wanted` among it */
  | { readonly type: 'index'; readonly path: string; readonly wanted: readonly string[] }
  | { readonly type: 'tar'; readonly source: TarSource }
  | { readonly type: 'stat'; readonly root: RootHandle; readonly path: string }
  | { readonly type: 'resolve'; readonly root: RootHandle; readonly path: string }
  | { readonly type: 'changes'; readonly upper: string; readonly lowers: readonly string[] }
  | { readonly type: 'remove'; readonly path: string }
  /** the digest of an upper directory as a layer, and its size */
  | { readonly type: 'measure'; readonly upper: string; readonly times: SettledTimes | undefined }
  /** the digest of a tree as hashTree() has it */
  | { readonly type: 'hash'; readonly path: string }
  /** there is something in the ring */
  | { readonly type: 'more' }
  | { readonly type: 'credit'; readonly bytes: number }
  | { readonly type: 'abort' }

export type Result = {
  readonly diffId?: string
  readonly hash?: string
  readonly size?: number
  readonly changes?: readonly FilesystemChange[]
  readonly stat?: PathStat
  readonly path?: string
  readonly index?: ArchiveIndex
}

/** What a worker answers. */
export type Reply =
  /** there is room in the ring again */
  | { readonly type: 'room' }
  | { readonly type: 'data'; readonly chunk: Uint8Array }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly kind: ErrorKind; readonly message: string; readonly code?: string | undefined }

/** Bytes that may be on their way between the threads of one job. */
export const windowBytes = 2 << 20

/** Jobs without bytes on their way. */
export type Call = Extract<Request, { type: 'changes' | 'remove' | 'stat' | 'resolve' | 'measure' | 'hash' }>
/** Jobs that are fed. */
export type Feed = Extract<Request, { type: 'unpack' | 'extract' | 'index' }>
