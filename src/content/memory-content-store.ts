import { Readable } from 'node:stream'
import type { Digest } from '../spec/digest.ts'
import { BaseStore } from './base-store.ts'
import type { BlobIdentity, BlobWriter, StoredBlob } from './content-store.ts'
import { noSuchBlob, Verifier } from './verify.ts'

/** Blobs that live as long as the object: for tests and for engines that keep nothing. */
export class MemoryContentStore extends BaseStore {
  readonly #blobs = new Map<Digest, Buffer>()

  has(digest: Digest): boolean {
    return this.#blobs.has(digest)
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#blobs.get(digest)?.length
  }

  open(digest: Digest, range: { readonly start: number; readonly end?: number } = { start: 0 }): Readable {
    const bytes = this.#blobs.get(digest)
    if (!bytes) throw noSuchBlob(digest)
    return Readable.from([bytes.subarray(range.start, range.end)].filter(part => part.length > 0))
  }

  async delete(digest: Digest): Promise<void> {
    this.#blobs.delete(digest)
  }

  async list(): Promise<readonly StoredBlob[]> {
    return [...this.#blobs].map(([digest, bytes]) => ({ digest, size: bytes.length }))
  }

  async recover(): Promise<number> {
    return 0
  }

  protected openWriter(expected: BlobIdentity | undefined): BlobWriter {
    const chunks: Uint8Array[] = []
    const verifier = new Verifier(expected)
    return {
      get offset() {
        return verifier.size
      },
      write: async chunk => {
        verifier.update(chunk)
        chunks.push(Uint8Array.from(chunk))
      },
      commit: async digest => {
        const identity = verifier.finish(digest)
        this.#blobs.set(identity.digest, Buffer.concat(chunks))
        return identity
      },
      [Symbol.asyncDispose]: async () => {
        chunks.length = 0
      },
    }
  }
}
