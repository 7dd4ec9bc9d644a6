/** What went wrong, in one word that every surface can translate. */
export type ErrorKind =
  | 'invalid'
  | 'not-found'
  | 'conflict'
  | 'not-modified'
  | 'unauthorized'
  | 'forbidden'
  | 'too-many-requests'
  | 'unavailable'
  | 'not-implemented'
  | 'cancelled'
  | 'internal'

/**
 * The one error that crosses borders between folders.
 *
 * `message` is what the user reads: Docker's own text where it has one. A surface turns `kind` into its own
 * status (HTTP, OCI code, exit code). Anything else that is thrown counts as `internal`.
 */
export class EngineError extends Error {
  readonly kind: ErrorKind

  constructor(kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'EngineError'
    this.kind = kind
  }
}

export const isEngineError = (error: unknown, kind?: ErrorKind): error is EngineError =>
  error instanceof EngineError && (kind === undefined || error.kind === kind)

/** Whether `error` is a system error with this code, such as `ENOENT`. */
export const hasCode = (error: unknown, code: string): error is NodeJS.ErrnoException =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code

const EDQUOT = -122

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { errno, message } = error as NodeJS.ErrnoException
  // the one error of full disks that Node has no name for
  return errno === EDQUOT ? message.replace('UNKNOWN: unknown error', 'EDQUOT: disk quota exceeded') : message
}

/** Runs `body` and swallows the system errors named: for clean-up that may find its work done. */
export function ignoring<T>(codes: readonly string[], body: () => T): T | undefined {
  try {
    return body()
  } catch (error) {
    if (codes.some(code => hasCode(error, code))) return undefined
    throw error
  }
}
