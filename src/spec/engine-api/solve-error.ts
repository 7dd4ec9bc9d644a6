import { EngineError, type ErrorKind } from '../../base/errors.ts'
import type { SourceExcerpt } from './solver.ts'

/** A build that failed, with the lines of the Dockerfile that it failed at. */
export class SolveError extends EngineError {
  readonly source: SourceExcerpt | undefined

  constructor(kind: ErrorKind, message: string, source: SourceExcerpt | undefined, options?: ErrorOptions) {
    super(kind, message, options)
    this.source = source
  }
}
