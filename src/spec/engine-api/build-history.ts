import type { Attributes, ExportRequest, SolveProgress } from './solver.ts'

/** A build that is over. */
export interface BuildRecord {
  readonly ref: string
  readonly frontend: string
  readonly attributes: Attributes
  readonly exports: readonly ExportRequest[]
  /** milliseconds since 1970 */
  readonly createdAt: number
  readonly completedAt: number
  /** a code of gRPC, and what went wrong */
  readonly error?: { readonly code: number; readonly message: string } | undefined
  readonly response: Attributes
  readonly pinned: boolean
  readonly steps: { readonly total: number; readonly cached: number; readonly completed: number }
  readonly warnings: number
  /** statements about the results, such as where they come from */
  readonly attachments?: readonly BuildAttachment[]
}

export interface BuildAttachment {
  readonly predicateType: string
  readonly digest: string
  /** the statement's predicate as JSON */
  readonly text: string
}

/** The last builds; what is pinned stays until it is deleted. */
export interface BuildHistory {
  add(record: BuildRecord, progress: readonly SolveProgress[]): void
  /** newest first */
  list(): readonly BuildRecord[]
  /** what the build reported; undefined when there is no such build */
  progress(ref: string): readonly SolveProgress[] | undefined
  /** the text of an attachment of any build; undefined when there is none */
  attachment(digest: string): string | undefined
  /** @throws EngineError `not-found` */
  pin(ref: string, pinned: boolean): void
  /** @throws EngineError `not-found` */
  remove(ref: string): void
}
