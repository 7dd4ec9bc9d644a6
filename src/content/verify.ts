import { createHash } from 'node:crypto'
import { EngineError } from '../base/errors.ts'
import type { Digest } from '../spec/digest.ts'
import type { BlobIdentity, StoredBlob } from './content-store.ts'

/** Counts and hashes the bytes of one blob. */
export class Verifier {
  readonly #hash = createHash('sha256')
  readonly #expected: BlobIdentity | undefined
  size = 0

  constructor(expected?: BlobIdentity) {
    this.#expected = expected
  }

  update(chunk: Uint8Array): void {
    this.size += chunk.length
    const limit = this.#expected?.size
    if (limit !== undefined && this.size > limit)
      throw new EngineError('invalid', `unexpected commit size ${this.size}, expected ${limit}`)
    this.#hash.update(chunk)
  }

  /** @throws EngineError `invalid` when the bytes are not those expected */
  finish(wanted = this.#expected?.digest): StoredBlob {
    const digest: Digest = `sha256:${this.#hash.digest('hex')}`
    const expected = this.#expected
    if (expected?.size !== undefined && expected.size !== this.size)
      throw new EngineError('invalid', `unexpected commit size ${this.size}, expected ${expected.size}`)
    if (wanted !== undefined && wanted !== digest)
      throw new EngineError('invalid', `unexpected commit digest ${digest}, expected ${wanted}`)
    return { digest, size: this.size }
  }
}

export const noSuchBlob = (digest: Digest) => new EngineError('not-found', `content ${digest}: not found`)
