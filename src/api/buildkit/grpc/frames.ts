import { codes, GrpcError } from './status.ts'

const headerSize = 5
/** as BuildKit's own limit */
const sizeLimit = 16 << 20

/** A message with the prefix that tells its length. Spec: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
export function frame(message: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(headerSize + message.length)
  out[0] = 0
  out.writeUInt32BE(message.length, 1)
  out.set(message, headerSize)
  return out
}

/** The messages in a stream of bytes, in batches as they come. */
export async function* messagesIn(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of source) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= headerSize) {
      const size = rest.readUInt32BE(at + 1)
      if (size > sizeLimit) throw new GrpcError(codes.invalid, `message of ${size} bytes is larger than ${sizeLimit}`)
      if (rest[at] !== 0) throw new GrpcError(codes.unimplemented, 'compressed messages are not supported')
      if (rest.length - at - headerSize < size) break
      yield rest.subarray(at + headerSize, at + headerSize + size)
      at += headerSize + size
    }
    rest = rest.subarray(at)
  }
}
