import type { Database, Table } from '../base/database.ts'
import type { Images } from '../image/images.ts'
import { formatPlatform } from '../image/platform.ts'
import { type Digest, digestOf } from '../spec/digest.ts'
import type { Platform } from '../spec/oci-image.ts'
import type { Step } from './ops/op.ts'

interface CacheRecord {
  readonly image: Digest
  /** milliseconds since 1970 */
  readonly lastUsed: number
}

/** Which image a step gave, by what it depended on. An image that is gone is a miss. */
export class StepCache {
  readonly #records: Table<CacheRecord>
  readonly #images: Images

  constructor(db: Database, images: Images) {
    this.#records = db.table<CacheRecord>('build_cache')
    this.#images = images
  }

  find(parent: Digest | undefined, step: Step, platform: Platform): Digest | undefined {
    const record = this.#records.get(keyOf(parent, step, platform))
    if (!record || !this.#exists(record.image)) return undefined
    this.#put(keyOf(parent, step, platform), record.image)
    return record.image
  }

  keep(parent: Digest | undefined, step: Step, platform: Platform, image: Digest): void {
    this.#put(keyOf(parent, step, platform), image)
  }

  /** Forgets everything, or what names images that are gone; returns the keys. */
  forget(all: boolean): readonly string[] {
    const gone = [...this.#records.entries()].filter(([, { image }]) => all || !this.#exists(image)).map(([key]) => key)
    for (const key of gone) this.#records.delete(key, { durable: false })
    return gone
  }

  /** A record lost in a power cut costs a step, nothing else. */
  #put(key: string, image: Digest): void {
    this.#records.put(key, { image, lastUsed: Date.now() }, { durable: false })
  }

  #exists(image: Digest): boolean {
    try {
      this.#images.resolve(image)
      return true
    } catch {
      return false
    }
  }
}

const keyOf = (parent: Digest | undefined, { createdBy, inputs, author }: Step, platform: Platform): string =>
  digestOf(JSON.stringify([parent ?? formatPlatform(platform), createdBy, inputs ?? [], author ?? '']))
