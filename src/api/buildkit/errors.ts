import { messageOf } from '../../base/errors.ts'
import { SolveError } from '../../spec/engine-api/solve-error.ts'
import type { SourceExcerpt } from '../../spec/engine-api/solver.ts'
import { codes, GrpcError, toGrpcError } from './grpc/status.ts'
import { rpcStatus } from './wire/status.ts'

/** BuildKit's clients read this detail as JSON, whatever its shape as a message is. */
const sourceUrl = 'github.com/moby/buildkit/errdefs.Source+json'

function sourceJson({ fileName, text, ranges }: SourceExcerpt): Buffer {
  const info = { filename: fileName, data: Buffer.from(text).toString('base64'), language: 'Dockerfile' }
  const lines = ranges.map(({ start, end }) => ({ start: { line: start }, end: { line: end } }))
  return Buffer.from(JSON.stringify({ info, ranges: lines }))
}

/** An error of the engine as gRPC carries it, with the lines of the Dockerfile where they are known. */
export function toBuildError(error: unknown): GrpcError {
  const plain = toGrpcError(error)
  if (!(error instanceof SolveError) || !error.source) return plain
  const details = [{ type_url: sourceUrl, value: sourceJson(error.source) }]
  return new GrpcError(
    plain.code,
    plain.message,
    rpcStatus.encode({ code: plain.code, message: plain.message, details }),
  )
}

/** What a client says went wrong, to be told to it again as the end of the build. */
export function fromStatus(status: { readonly code: number; readonly message: string }, bytes: Uint8Array): GrpcError {
  return new GrpcError(status.code || codes.unknown, messageOf(status), bytes)
}
