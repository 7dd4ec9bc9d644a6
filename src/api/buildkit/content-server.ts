import { Buffer } from 'node:buffer'
import type { BuildHistory } from '../../spec/engine-api/build-history.ts'
import { type Handlers, streaming, unary } from './grpc/server.ts'
import { codes, GrpcError } from './grpc/status.ts'
import { infoRequest, infoResponse, readRequest, readResponse } from './wire/content.ts'

const pieceSize = 1 << 20

/** containerd's content service, as far as clients read attachments of builds with it. */
export function contentHandlers(history: BuildHistory): Handlers {
  const content = '/containerd.services.content.v1.Content'
  const find = (digest: string): Buffer => {
    const text = history.attachment(digest)
    if (text === undefined) throw new GrpcError(codes.notFound, `content ${digest}: not found`)
    return Buffer.from(text)
  }
  return {
    [`${content}/Info`]: unary(infoRequest, infoResponse, async ({ digest }) => ({
      info: { digest, size: find(digest).length },
    })),
    [`${content}/Read`]: streaming(readRequest, readResponse, async function* ({ digest, offset, size }) {
      const all = find(digest)
      const end = size > 0 ? Math.min(all.length, offset + size) : all.length
      for (let at = offset; at < end; at += pieceSize)
        yield { offset: at, data: all.subarray(at, Math.min(end, at + pieceSize)) }
    }),
  }
}
