import type { PutOptions, Table } from '../base/database.ts'
import type { Digest } from '../spec/digest.ts'
import type { ManifestFacts } from './manifest.ts'

export interface ManifestRecord extends ManifestFacts {
  readonly repository: string
  readonly digest: Digest
  /** bytes */
  readonly size: number
  /** when it was last pushed or asked for, in milliseconds since 1970 */
  readonly usedAt: number
  /** of a copy: when it was fetched, in milliseconds since 1970 */
  readonly cachedAt?: number | undefined
}

interface LinkRecord {
  readonly repository: string
  readonly digest: Digest
  readonly usedAt: number
  /** bytes; unknown in records of older versions */
  readonly size?: number | undefined
}

interface TagRecord {
  readonly repository: string
  readonly tag: string
  readonly digest: Digest
  /** milliseconds since 1970; unknown in records of older versions */
  readonly pushedAt?: number | undefined
}

/** What one repository holds. */
export interface Repository {
  /** blobs that may be read here, and when somebody last asked for them, in milliseconds since 1970 */
  readonly links: Map<Digest, number>
  readonly manifests: Map<Digest, ManifestRecord>
  readonly tags: Map<string, Digest>
  /** bytes of `links` */
  bytes: number
}

const key = (repository: string, rest: string) => `${repository}@${rest}`
/** Asking for a blob again protects it from collection; so often is this put on disk. */
const touchMillis = 60_000

/** Of a record in one of the tables, by somebody else. */
export interface RecordChange {
  readonly table: string
  readonly before: unknown
  /** undefined when it was deleted */
  readonly after: unknown
}

/** A database, or what several registries share. */
export interface Tables {
  table<T>(name: string): Table<T>
}

/** Which blobs, manifests and tags each repository has. Every change is in its table before the call returns. */
export class Repositories {
  readonly #links: Table<LinkRecord>
  readonly #manifests: Table<ManifestRecord>
  readonly #tags: Table<TagRecord>
  readonly #repositories = new Map<string, Repository>()
  readonly #now: () => number

  constructor(db: Tables, now: () => number = Date.now) {
    this.#now = now
    this.#links = db.table('links')
    this.#manifests = db.table('manifests')
    this.#tags = db.table('tags')
    for (const { repository, digest, usedAt, size = 0 } of this.#links.values()) {
      const opened = this.#open(repository)
      opened.links.set(digest, usedAt)
      opened.bytes += size
    }
    for (const record of this.#manifests.values()) this.#open(record.repository).manifests.set(record.digest, record)
    for (const { repository, tag, digest } of this.#tags.values()) this.#open(repository).tags.set(tag, digest)
  }

  get(name: string): Repository | undefined {
    return this.#repositories.get(name)
  }

  names(): readonly string[] {
    return [...this.#repositories.keys()]
  }

  /** Whether a blob may be read here; being asked for counts as use. */
  useBlob(name: string, digest: Digest): boolean {
    const usedAt = this.get(name)?.links.get(digest)
    if (usedAt === undefined) return false
    if (this.#now() - usedAt > touchMillis) this.#link(name, digest, this.#sizeOf(name, digest), false)
    return true
  }

  findManifest(name: string, { tag, digest }: { readonly tag?: string; readonly digest?: Digest }) {
    const repository = this.get(name)
    return repository?.manifests.get(digest ?? repository.tags.get(tag!) ?? '')
  }

  /** A manifest, by tag or digest; being asked for counts as use. */
  useManifest(name: string, wanted: { readonly tag?: string; readonly digest?: Digest }) {
    const record = this.findManifest(name, wanted)
    if (record && this.#now() - record.usedAt > touchMillis)
      this.addManifest({ ...record, usedAt: this.#now() }, { durable: false })
    return record
  }

  /** @param size bytes, which count towards the repository's quota */
  link(name: string, digest: Digest, size = 0): void {
    this.#link(name, digest, size, true)
  }

  unlink(name: string, digest: Digest): void {
    const repository = this.get(name)
    const size = this.#sizeOf(name, digest)
    this.#links.delete(key(name, digest))
    if (repository?.links.delete(digest)) repository.bytes -= size
    this.#forgetEmpty(name)
  }

  addManifest(record: ManifestRecord, options?: PutOptions): void {
    this.#manifests.put(key(record.repository, record.digest), record, options)
    this.#open(record.repository).manifests.set(record.digest, record)
  }

  /** Tags go first: none may point at nothing. */
  removeManifest(name: string, digest: Digest): void {
    for (const [tag, target] of this.get(name)?.tags ?? []) if (target === digest) this.untag(name, tag)
    this.#manifests.delete(key(name, digest))
    this.get(name)?.manifests.delete(digest)
    this.#forgetEmpty(name)
  }

  tag(name: string, tag: string, digest: Digest): void {
    this.#tags.put(key(name, tag), { repository: name, tag, digest, pushedAt: this.#now() })
    this.#open(name).tags.set(tag, digest)
  }

  untag(name: string, tag: string): void {
    this.#tags.delete(key(name, tag))
    this.get(name)?.tags.delete(tag)
  }

  /** Bytes of all blobs that a repository holds. */
  bytesOf(name: string): number {
    return this.get(name)?.bytes ?? 0
  }

  /** When each tag was last pushed, in milliseconds since 1970. */
  pushTimes(name: string): ReadonlyMap<string, number> {
    const tags = [...(this.get(name)?.tags.keys() ?? [])]
    return new Map(tags.map(tag => [tag, this.#tags.get(key(name, tag))?.pushedAt ?? 0]))
  }

  /** All bytes that repositories need now. */
  used(): ReadonlySet<Digest> {
    const digests = new Set<Digest>()
    for (const { links, manifests } of this.#repositories.values())
      for (const digest of [...links.keys(), ...manifests.keys()]) digests.add(digest)
    return digests
  }

  /** Whether any repository needs the bytes of `digest`. */
  isUsed(digest: Digest): boolean {
    return [...this.#repositories.values()].some(({ links, manifests }) => links.has(digest) || manifests.has(digest))
  }

  /** Records have changed by themselves: see SharedTables. */
  absorb(changes: readonly RecordChange[]): void {
    const names = new Set<string>()
    for (const { after, before, table } of changes) {
      if (after === undefined && before === undefined) continue // somebody undid what we had not seen
      const { repository: name } = (after ?? before) as { readonly repository: string }
      const repository = this.#open(name)
      names.add(name)
      if (table === 'links') absorbLink(repository, before as LinkRecord | undefined, after as LinkRecord | undefined)
      else if (table === 'manifests') absorbInto(repository.manifests, before, after as ManifestRecord | undefined)
      else {
        const { digest, tag } = (after ?? before) as TagRecord
        if (after) repository.tags.set(tag, digest)
        else repository.tags.delete(tag)
      }
    }
    for (const name of names) this.#forgetEmpty(name)
  }

  #link(name: string, digest: Digest, size: number, durable: boolean): void {
    const usedAt = this.#now()
    const repository = this.#open(name)
    const before = repository.links.has(digest) ? this.#sizeOf(name, digest) : 0
    this.#links.put(key(name, digest), { repository: name, digest, usedAt, size }, { durable })
    repository.links.set(digest, usedAt)
    repository.bytes += size - before
  }

  #sizeOf(name: string, digest: Digest): number {
    return this.#links.get(key(name, digest))?.size ?? 0
  }

  #open(name: string): Repository {
    const found = this.#repositories.get(name)
    if (found) return found
    const made: Repository = { links: new Map(), manifests: new Map(), tags: new Map(), bytes: 0 }
    this.#repositories.set(name, made)
    return made
  }

  #forgetEmpty(name: string): void {
    const repository = this.get(name)
    if (repository && repository.links.size + repository.manifests.size === 0) this.#repositories.delete(name)
  }
}

function absorbLink(repository: Repository, before: LinkRecord | undefined, after: LinkRecord | undefined): void {
  repository.bytes += (after?.size ?? 0) - (before?.size ?? 0)
  if (after) repository.links.set(after.digest, after.usedAt)
  else if (before) repository.links.delete(before.digest)
}

function absorbInto(manifests: Map<Digest, ManifestRecord>, before: unknown, after: ManifestRecord | undefined): void {
  if (after) manifests.set(after.digest, after)
  else manifests.delete((before as ManifestRecord).digest)
}
