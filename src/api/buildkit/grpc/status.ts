import { EngineError, type ErrorKind, messageOf } from '../../../base/errors.ts'

/** Spec: https://grpc.io/docs/guides/status-codes/ */
export const codes = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalid: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** A call that ended badly, on either side. */
export class GrpcError extends Error {
  readonly code: number
  /** google.rpc.Status, encoded: it says more than the message does */
  readonly details: Uint8Array | undefined

  constructor(code: number, message: string, details?: Uint8Array) {
    super(message)
    this.name = 'GrpcError'
    this.code = code
    this.details = details
  }
}

const byKind: Readonly<Partial<Record<ErrorKind, number>>> = {
  invalid: codes.unknown,
  'not-found': codes.notFound,
  conflict: codes.alreadyExists,
  unauthorized: codes.unauthenticated,
  forbidden: codes.permissionDenied,
  unavailable: codes.unavailable,
  'not-implemented': codes.unimplemented,
  cancelled: codes.cancelled,
}

export function toGrpcError(error: unknown): GrpcError {
  if (error instanceof GrpcError) return error
  const code = error instanceof EngineError ? (byKind[error.kind] ?? codes.unknown) : codes.unknown
  return new GrpcError(code, messageOf(error))
}
