import { Readable } from 'node:stream'
import type { Cancellable } from '../../base/cancellable.ts'
import type { Digest } from '../../spec/digest.ts'
import type { BlobPlace } from '../../spec/engine-api/solver.ts'
import type { Descriptor } from '../../spec/oci-image.ts'
import type { GrpcChannel, Metadata } from './grpc/client.ts'
import { codes, GrpcError } from './grpc/status.ts'
import { infoRequest, infoResponse, readRequest, readResponse, writeActions, writeRequest } from './wire/content.ts'

const service = '/containerd.services.content.v1.Content'
const pieceSize = 1 << 20

/** A directory of blobs that the client serves on its session. */
export class ClientBlobs implements BlobPlace {
  readonly #channel: GrpcChannel
  readonly #metadata: Metadata

  /** @param store the client's name for it, such as `local:/path` */
  constructor(channel: GrpcChannel, store: string) {
    this.#channel = channel
    this.#metadata = { 'buildkit-attachable-store-id': store }
  }

  async has(digest: Digest): Promise<boolean> {
    try {
      await this.#channel.unary(`${service}/Info`, [infoRequest, infoResponse], { digest }, this.#metadata)
      return true
    } catch (error) {
      if (error instanceof GrpcError && error.code === codes.notFound) return false
      throw error
    }
  }

  async open(digest: Digest, { signal }: Cancellable = {}): Promise<Readable> {
    const call = this.#channel.open(`${service}/Read`, this.#metadata)
    await call.send(readRequest.encode({ digest }))
    call.end()
    const chunks = (async function* () {
      await using _call = call
      for await (const each of call.messages) {
        signal?.throwIfAborted()
        yield readResponse.decode(each).data
      }
    })()
    return Readable.from(chunks, { objectMode: false })
  }

  async put({ digest, size }: Descriptor, open: () => Readable, { signal }: Cancellable = {}): Promise<void> {
    await using call = this.#channel.open(`${service}/Write`, this.#metadata)
    const about = { ref: `berth-${digest}`, total: size, expected: digest }
    let offset = 0
    try {
      for await (const chunk of open() as AsyncIterable<Buffer>)
        for (let at = 0; at < chunk.length; at += pieceSize) {
          signal?.throwIfAborted()
          const data = chunk.subarray(at, at + pieceSize)
          await call.send(writeRequest.encode({ ...about, action: writeActions.write, offset, data }))
          offset += data.length
        }
      await call.send(writeRequest.encode({ ...about, action: writeActions.commit, offset }))
      call.end()
      for await (const _ of call.messages);
    } catch (error) {
      if (error instanceof GrpcError && error.code === codes.alreadyExists) return
      throw error
    }
  }
}
