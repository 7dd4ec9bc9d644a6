import type { Database, Table } from '../base/database.ts'
import { EngineError, hasCode } from '../base/errors.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { Snapshotter } from '../snapshot/snapshotter.ts'
import { chainIdOf, type Digest, isDigest } from '../spec/digest.ts'
import type { ImageConfig } from '../spec/oci-image.ts'
import { formatFamiliar, formatReference, parseReference, repositoryOf, withDefaultTag } from '../spec/reference.ts'
import { blobsOfIndex, type IndexRecord, imagesOfIndex, mergeIndexes, withoutImage } from './index-record.ts'
import type { ImageRecord, NameRecord } from './record.ts'

/** The chainID of every layer of an image, lowest first. */
export function chainsOf({ rootfs }: ImageConfig): readonly Digest[] {
  const chains: Digest[] = []
  for (const diffId of rootfs.diff_ids) chains.push(chains.length ? chainIdOf([chains.at(-1)!, diffId]) : diffId)
  return chains
}

export const blobsOf = ({ id, layers, manifest, index }: ImageRecord): readonly Digest[] =>
  [id, manifest?.digest, index?.digest, ...layers.map(layer => layer?.digest)].filter(digest => digest !== undefined)

const isDigestName = (name: string): boolean => name.includes('@')

/** Images and their names, and what they keep alive. What is used is counted from the records, never stored. */
export class ImageStore {
  readonly images: Table<ImageRecord>
  readonly names: Table<NameRecord>
  readonly indexes: Table<IndexRecord>
  readonly #db: Database
  readonly #content: ContentStore
  readonly #snapshots: Snapshotter
  readonly #chainsInUse: () => Iterable<Digest>
  /** what work in flight needs: digest → number of holders */
  readonly #pins = new Map<Digest, number>()
  /** blobs of indexes that went since the last collection */
  readonly #loose: Digest[] = []
  #freedBytes = 0

  constructor(
    db: Database,
    content: ContentStore,
    snapshots: Snapshotter,
    chainsInUse: () => Iterable<Digest> = () => [],
  ) {
    this.#db = db
    this.#content = content
    this.#snapshots = snapshots
    this.#chainsInUse = chainsInUse
    this.images = db.table<ImageRecord>('images')
    this.names = db.table<NameRecord>('image_names')
    this.indexes = db.table<IndexRecord>('image_indexes')
  }

  /**
   * Image, and names in full that point to it from now on, as one change.
   *
   * @param index what the names mean, of which `record` is one platform
   */
  save(record: ImageRecord, names: readonly string[] = [], index?: IndexRecord): void {
    this.#db.transaction(() => {
      const known = this.images.get(record.id)
      const tagged = names.some(name => !isDigestName(name)) ? { lastTagTime: new Date().toISOString() } : {}
      this.images.put(record.id, { ...known, ...record, ...tagged })
      const digest = index?.descriptor.digest
      if (index) this.indexes.put(digest!, mergeIndexes(this.indexes.get(digest!), index))
      const target = { image: record.id, ...(digest ? { index: digest } : {}) }
      for (const name of names) this.names.put(name, { ...target, when: Date.now() })
      this.#forgetIndexes()
    })
  }

  untag(names: readonly string[]): void {
    this.#db.transaction(() => {
      for (const name of names) this.names.delete(name)
      this.#forgetIndexes()
    })
  }

  /** Takes an image out, also of the indexes that have it; its blobs and layers wait for collect(). */
  drop(id: Digest): void {
    this.#db.transaction(() => {
      for (const [digest, index] of [...this.indexes.entries()]) {
        if (!imagesOfIndex(index).includes(id)) continue
        this.#loose.push(...blobsOfIndex(index))
        this.indexes.put(digest, withoutImage(index, id))
      }
      this.images.delete(id)
    })
  }

  /** The index that a name means; undefined for ids and for images of one platform. */
  indexOf(name: string): IndexRecord | undefined {
    const digest = this.#nameRecord(name)?.index
    return digest === undefined ? undefined : this.indexes.get(digest)
  }

  /** Images of other platforms behind the same names. */
  siblingsOf(names: readonly string[], id: Digest): readonly ImageRecord[] {
    const indexes = new Set(names.flatMap(name => this.names.get(name)?.index ?? []))
    const ids = new Set([...indexes].flatMap(digest => imagesOfIndex(this.indexes.get(digest)!)))
    return [...ids].flatMap(other => (other === id ? [] : (this.images.get(other) ?? [])))
  }

  /** Whether an index that somebody can name has this image. */
  isHeld(id: Digest): boolean {
    return [...this.indexes.values()].some(index => imagesOfIndex(index).includes(id))
  }

  /** @throws EngineError `not-found` with Docker's text */
  find(name: string): ImageRecord {
    const record = this.#lookup(name)
    if (!record) throw noSuchImage(name)
    return record
  }

  /** Names in full, newest first. */
  fullNamesOf(id: Digest): readonly string[] {
    const own = [...this.names.entries()].filter(([, { image }]) => image === id)
    return own.map(([name]) => name).sort()
  }

  tagsOf(id: Digest): readonly string[] {
    return this.fullNamesOf(id)
      .filter(name => !isDigestName(name))
      .map(familiar)
  }

  digestsOf(id: Digest): readonly string[] {
    return this.fullNamesOf(id).filter(isDigestName).map(familiar)
  }

  childrenOf(id: Digest): readonly ImageRecord[] {
    return [...this.images.values()].filter(({ parent }) => parent === id)
  }

  /** Keeps digests (of blobs, chains and images) from being collected until the result is disposed. */
  pin(digests: Iterable<Digest>): Disposable {
    const held = [...digests]
    for (const digest of held) this.#pins.set(digest, (this.#pins.get(digest) ?? 0) + 1)
    return {
      [Symbol.dispose]: () => {
        for (const digest of held.splice(0)) {
          const count = this.#pins.get(digest)! - 1
          if (count > 0) this.#pins.set(digest, count)
          else this.#pins.delete(digest)
        }
      },
    }
  }

  /** Bytes of layers and blobs that collect() has freed so far. */
  get freedBytes(): number {
    return this.#freedBytes
  }

  /** Work in flight needs it. */
  isPinned(digest: Digest): boolean {
    return this.#pins.has(digest)
  }

  /** Notes that somebody made something of the image; need not outlive a power cut. */
  touch(id: Digest): void {
    const record = this.images.get(id)
    if (record) this.images.put(id, { ...record, lastUsed: Date.now() }, { durable: false })
  }

  /** Frees those of `blobs` and `chains` that nobody needs; returns the chains that went. */
  async collect(blobs: Iterable<Digest>, chains: Iterable<Digest>): Promise<readonly Digest[]> {
    const gone: Digest[] = []
    const usedChains = this.#usedChains()
    const byHeight = [...new Set(chains)].filter(chain => this.#snapshots.has(chain))
    byHeight.sort((a, b) => this.#snapshots.layers(b).length - this.#snapshots.layers(a).length)
    for (const chain of byHeight) {
      if (usedChains.has(chain) || this.#pins.has(chain)) continue
      this.#freedBytes += this.#snapshots.sizeOf(chain)
      await this.#snapshots.remove(chain)
      gone.push(chain)
    }
    const usedBlobs = this.usedBlobs()
    for (const blob of new Set([...blobs, ...this.#loose.splice(0)]))
      if (!usedBlobs.has(blob) && !this.#pins.has(blob)) {
        this.#freedBytes += this.#content.sizeOf(blob) ?? 0
        await this.#content.delete(blob)
      }
    return gone
  }

  /** Blobs that records name, whether they are there or not. */
  usedBlobs(): ReadonlySet<Digest> {
    const indexes = [...this.indexes.values()].flatMap(blobsOfIndex)
    return new Set([...[...this.images.values()].flatMap(blobsOf), ...indexes])
  }

  /** Everything on disk that no record explains. */
  async collectAll(): Promise<void> {
    const blobs = await this.#content.list()
    await this.collect(
      blobs.map(({ digest }) => digest),
      this.#snapshots.list(),
    )
  }

  /** What a pinned layer stands on is needed as much as itself. */
  #usedChains(): Set<Digest> {
    const used = new Set([...this.images.values()].flatMap(({ config }) => chainsOf(config)))
    for (const top of [...this.#chainsInUse(), ...this.#pins.keys()])
      for (let at: Digest | undefined = top; at !== undefined && !used.has(at); at = this.#parentOf(at)) used.add(at)
    return used
  }

  #parentOf(chain: Digest): Digest | undefined {
    return this.#snapshots.has(chain) ? this.#snapshots.parentOf(chain) : undefined
  }

  #lookup(name: string): ImageRecord | undefined {
    const id = /^[0-9a-f]{64}$/.test(name) ? `sha256:${name}` : name
    if (isDigest(id)) return this.images.get(id)
    const named = this.#named(name)
    if (named) return named
    const prefix = name.replace(/^sha256:/, '')
    if (!/^[0-9a-f]{1,64}$/.test(prefix)) return undefined
    const matches = [...this.images.values()].filter(image => image.id.startsWith(`sha256:${prefix}`))
    return matches.length === 1 ? matches[0] : undefined
  }

  #named(name: string): ImageRecord | undefined {
    const target = this.#nameRecord(name)
    return target && this.images.get(target.image)
  }

  #forgetIndexes(): void {
    const meant = new Set([...this.names.values()].map(({ index }) => index))
    for (const [digest, index] of [...this.indexes.entries()]) {
      if (meant.has(digest as Digest)) continue
      this.#loose.push(...blobsOfIndex(index))
      this.indexes.delete(digest)
    }
  }

  #nameRecord(name: string): NameRecord | undefined {
    try {
      const reference = withDefaultTag(parseReference(name))
      const key = reference.digest ? `${repositoryOf(reference)}@${reference.digest}` : formatReference(reference)
      return this.names.get(key)
    } catch (error) {
      if (error instanceof EngineError || hasCode(error, 'ERR_INVALID_URL')) return undefined
      throw error
    }
  }
}

export const familiar = (fullName: string): string => formatFamiliar(parseReference(fullName))

export function noSuchImage(name: string): EngineError {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(name))
    return new EngineError('not-found', `No such image: sha256:${name.replace('sha256:', '')}`)
  try {
    return new EngineError('not-found', `No such image: ${formatFamiliar(withDefaultTag(parseReference(name)))}`)
  } catch (error) {
    return error instanceof EngineError ? error : new EngineError('not-found', `No such image: ${name}`)
  }
}
