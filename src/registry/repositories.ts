import type { Database, PutOptions, Table } from '../base/database.ts'
import type { Digest } from '../spec/digest.ts'
import type { ManifestFacts } from './manifest.ts'

export interface ManifestRecord extends ManifestFacts {
  readonly repository: string
  readonly digest: Digest
  /** bytes */
  readonly size: number
  /** when it was last pushed or asked for, in milliseconds since 1970 */
  readonly usedAt: number
}

interface LinkRecord {
  readonly repository: string
  readonly digest: Digest
  readonly usedAt: number
}

interface TagRecord {
  readonly repository: string
  readonly tag: string
  readonly digest: Digest
}

/** What one repository holds. */
export interface Repository {
  /** blobs that may be read here, and when somebody last asked for them, in milliseconds since 1970 */
  readonly links: Map<Digest, number>
  readonly manifests: Map<Digest, ManifestRecord>
  readonly tags: Map<string, Digest>
}

const key = (repository: string, rest: string) => `${repository}@${rest}`
/** Asking for a blob again protects it from collection; so often is this put on disk. */
const touchMillis = 60_000

/** Which blobs, manifests and tags each repository has. Every change is on disk before the call returns. */
export class Repositories {
  readonly #links: Table<LinkRecord>
  readonly #manifests: Table<ManifestRecord>
  readonly #tags: Table<TagRecord>
  readonly #repositories = new Map<string, Repository>()
  readonly #now: () => number

  constructor(db: Database, now: () => number = Date.now) {
    this.#now = now
    this.#links = db.table('links')
    this.#manifests = db.table('manifests')
    this.#tags = db.table('tags')
    for (const link of this.#links.values()) this.#open(link.repository).links.set(link.digest, link.usedAt)
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
    if (this.#now() - usedAt > touchMillis) this.#link(name, digest, false)
    return true
  }

  /** A manifest, by tag or digest; being asked for counts as use. */
  useManifest(name: string, { tag, digest }: { readonly tag?: string; readonly digest?: Digest }) {
    const repository = this.get(name)
    const record = repository?.manifests.get(digest ?? repository.tags.get(tag!) ?? '')
    if (record && this.#now() - record.usedAt > touchMillis)
      this.addManifest({ ...record, usedAt: this.#now() }, { durable: false })
    return record
  }

  link(name: string, digest: Digest): void {
    this.#link(name, digest, true)
  }

  unlink(name: string, digest: Digest): void {
    this.#links.delete(key(name, digest))
    this.get(name)?.links.delete(digest)
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
    if (this.get(name)?.tags.get(tag) === digest) return
    this.#tags.put(key(name, tag), { repository: name, tag, digest })
    this.#open(name).tags.set(tag, digest)
  }

  untag(name: string, tag: string): void {
    this.#tags.delete(key(name, tag))
    this.get(name)?.tags.delete(tag)
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

  #link(name: string, digest: Digest, durable: boolean): void {
    const usedAt = this.#now()
    this.#links.put(key(name, digest), { repository: name, digest, usedAt }, { durable })
    this.#open(name).links.set(digest, usedAt)
  }

  #open(name: string): Repository {
    const found = this.#repositories.get(name)
    if (found) return found
    const made: Repository = { links: new Map(), manifests: new Map(), tags: new Map() }
    this.#repositories.set(name, made)
    return made
  }

  #forgetEmpty(name: string): void {
    const repository = this.get(name)
    if (repository && repository.links.size + repository.manifests.size === 0) this.#repositories.delete(name)
  }
}
