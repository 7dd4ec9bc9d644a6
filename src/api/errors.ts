import { EngineError, type ErrorKind, messageOf } from '../base/errors.ts'

const statuses: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'not-modified': 304,
  'too-many-requests': 429,
  unavailable: 503,
  'not-implemented': 501,
  cancelled: 500,
  internal: 500,
}

export const statusOf = (error: unknown): number => (error instanceof EngineError ? statuses[error.kind] : 500)

/** Docker's body of an error; the client compares the media type for equality, so no charset. */
export const errorBody = (error: unknown): string => `${JSON.stringify({ message: messageOf(error) })}\n`
