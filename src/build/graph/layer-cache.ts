import type { Database, Table } from '../../base/database.ts'
import type { Snapshotter } from '../../snapshot/snapshotter.ts'
import { type Digest, digestOf } from '../../spec/digest.ts'

export interface Layer {
  readonly chainId: Digest | undefined
  readonly diffId: Digest
}

export interface LayerRecord extends Layer {
  readonly chainId: Digest
  readonly parent?: Digest | undefined
  readonly description: string
  /** milliseconds since 1970 */
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly usageCount: number
}

/** Which layer a step gave, by what it depended on. A layer that is gone is a miss. */
export class LayerCache {
  readonly #records: Table<LayerRecord>
  readonly #snapshots: Snapshotter

  constructor(db: Database, snapshots: Snapshotter) {
    this.#records = db.table<LayerRecord>('build_layers')
    this.#snapshots = snapshots
  }

  static keyOf(parent: Digest | undefined, inputs: readonly string[]): string {
    return digestOf(JSON.stringify([parent ?? '', ...inputs]))
  }

  find(key: string): LayerRecord | undefined {
    const record = this.#records.get(key)
    if (!record || !this.#snapshots.has(record.chainId)) return undefined
    const used = { ...record, lastUsedAt: Date.now(), usageCount: record.usageCount + 1 }
    this.#records.put(key, used, { durable: false })
    return used
  }

  /** A record lost in a power cut costs a step, nothing else. */
  keep(
    key: string,
    layer: Layer & { readonly chainId: Digest },
    parent: Digest | undefined,
    description: string,
  ): void {
    const now = Date.now()
    const times = { createdAt: now, lastUsedAt: now, usageCount: 1 }
    this.#records.put(key, { ...layer, parent, description, ...times }, { durable: false })
  }

  entries(): readonly (readonly [string, LayerRecord])[] {
    return [...this.#records.entries()]
  }

  forget(keys: Iterable<string>): void {
    for (const key of keys) this.#records.delete(key, { durable: false })
  }

  /** Tops of the stacks that must stay for later builds. */
  chains(): readonly Digest[] {
    return [...this.#records.values()].map(({ chainId }) => chainId)
  }
}
