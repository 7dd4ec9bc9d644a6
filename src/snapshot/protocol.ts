import type { ErrorKind } from '../base/errors.ts'
import type { FilesystemChange } from '../spec/engine-api/container.ts'

/** What the engine's thread says to a worker: one job, then its bytes or its credit. */
export type Request =
  | { readonly type: 'unpack'; readonly directory: string; readonly whiteouts: boolean }
  | { readonly type: 'diff'; readonly upper: string }
  | { readonly type: 'changes'; readonly upper: string; readonly lowers: readonly string[] }
  | { readonly type: 'remove'; readonly path: string }
  | { readonly type: 'data'; readonly chunk: Uint8Array }
  | { readonly type: 'end' }
  | { readonly type: 'credit'; readonly bytes: number }
  | { readonly type: 'abort' }

export type Result = {
  readonly diffId?: string
  readonly size?: number
  readonly changes?: readonly FilesystemChange[]
}

/** What a worker answers. */
export type Reply =
  | { readonly type: 'taken'; readonly bytes: number }
  | { readonly type: 'data'; readonly chunk: Uint8Array }
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'failed'; readonly kind: ErrorKind; readonly message: string; readonly code?: string | undefined }

/** Bytes that may be on their way between the threads of one job. */
export const windowBytes = 2 << 20
