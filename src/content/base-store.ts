import { createReadStream } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { type Digest, digestOf } from '../spec/digest.ts'
import { type BlobIdentity, type BlobWriter, type ContentStore, readLimit, type StoredBlob } from './content-store.ts'
import { noSuchBlob } from './verify.ts'

/** The verbs that every store builds from a writer and a reader in the same way. */
export abstract class BaseStore implements ContentStore {
  abstract has(digest: Digest): boolean
  abstract sizeOf(digest: Digest): number | undefined
  abstract open(digest: Digest, range?: { readonly start: number; readonly end?: number }): Readable
  abstract delete(digest: Digest): Promise<void>
  abstract list(): Promise<readonly StoredBlob[]>
  abstract recover(): Promise<number>
  protected abstract openWriter(expected: BlobIdentity | undefined): BlobWriter

  async writer(expected?: BlobIdentity): Promise<BlobWriter> {
    return this.openWriter(expected)
  }

  async put(expected: BlobIdentity, source: Readable, options: Cancellable = {}): Promise<void> {
    if (this.has(expected.digest)) source.destroy()
    else await this.#copy(expected, source, options)
  }

  async putUnknown(source: Readable, options: Cancellable = {}): Promise<StoredBlob> {
    return this.#copy(undefined, source, options)
  }

  async putFile(path: string, options: Cancellable = {}): Promise<StoredBlob> {
    return this.putUnknown(createReadStream(path, { highWaterMark: 1 << 18 }), options)
  }

  async putBytes(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes)
    if (this.has(digest)) return digest
    await using writer = this.openWriter({ digest, size: bytes.length })
    await writer.write(bytes)
    await writer.commit()
    return digest
  }

  async copyTo(
    digest: Digest,
    out: Writable,
    range?: { readonly start: number; readonly end?: number },
  ): Promise<void> {
    await pipeline(this.open(digest, range), out, { end: false })
  }

  async read(digest: Digest): Promise<Buffer> {
    const size = this.sizeOf(digest)
    if (size === undefined) throw noSuchBlob(digest)
    if (size > readLimit) throw new EngineError('invalid', `content ${digest} is too large to be read at once`)
    const bytes = Buffer.concat(await this.open(digest).toArray())
    if (digestOf(bytes) !== digest) throw new EngineError('invalid', `content ${digest} is damaged`)
    return bytes
  }

  async #copy(expected: BlobIdentity | undefined, source: Readable, { signal }: Cancellable) {
    await using writer = this.openWriter(expected)
    const onAbort = () => source.destroy(new EngineError('cancelled', 'context canceled'))
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal?.aborted) onAbort()
      for await (const chunk of source) await writer.write(chunk)
      return await writer.commit()
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }
}
