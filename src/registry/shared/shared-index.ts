import { setTimeout as delay } from 'node:timers/promises'
import type { S3ContentStore } from '../../content/s3-content-store.ts'
import type { S3Objects } from '../../content/s3-objects.ts'
import type { Digest } from '../../spec/digest.ts'
import { OciError } from '../errors.ts'
import type { Repositories } from '../repositories.ts'
import { indexPrefix, prefixOf } from './object-keys.ts'
import type { SharedTables } from './shared-tables.ts'

/** A mark stands for the time of a few requests. */
const markMillis = 50

interface Turn {
  readonly running: Promise<void>
  /** for those who ask while it runs: what is written meanwhile must be seen by them */
  next?: Promise<void>
}

interface Sized {
  readonly digest: Digest
  readonly size?: number
}

/** What several registries over one bucket know of each other. */
export class SharedIndex {
  readonly #objects: S3Objects
  readonly #tables: SharedTables
  readonly #repositories: Repositories
  readonly #content: S3ContentStore
  readonly #turns = new Map<string, Turn>()

  constructor(objects: S3Objects, tables: SharedTables, repositories: Repositories, content: S3ContentStore) {
    this.#objects = objects
    this.#tables = tables
    this.#repositories = repositories
    this.#content = content
  }

  /** Brings in all that others had written before the call, of one repository or of all. */
  refresh(repository?: string): Promise<void> {
    return this.#inTurn(repository === undefined ? indexPrefix : prefixOf(repository))
  }

  /** What was written here is there for all others when this returns. */
  flush(): Promise<void> {
    return this.#tables.flush()
  }

  /**
   * Deletes bytes that nobody uses, while others push: who stores the same bytes sees the mark, or we see the use.
   *
   * @returns whether they are gone
   */
  async deleteUnused(digest: Digest): Promise<boolean> {
    await this.#objects.put(markOf(digest), '')
    try {
      await this.refresh()
      if (this.#repositories.isUsed(digest)) return false
      await this.#content.delete(digest)
      return true
    } finally {
      await this.#objects.delete(markOf(digest))
    }
  }

  /**
   * Makes a use of these bytes known to all, and sees that no collection took them meanwhile.
   *
   * @param undo takes the use back
   * @throws OciError with status 503: the client has to send them again
   */
  async confirm(digest: Digest, undo: () => void): Promise<void> {
    await this.flush()
    let wasMarked = false
    while (await this.#objects.has(markOf(digest))) {
      wasMarked = true
      await delay(markMillis)
    }
    if (!wasMarked || (await this.#content.isStored(digest))) return
    undo()
    await this.flush()
    throw new OciError('UNKNOWN', 'the bytes were collected in this moment: send them again', { status: 503 })
  }

  /** Lets one registry at a time do `work`; one that died in it gives way after a while. */
  async alone(name: string, leaseMillis: number, now: number, work: () => Promise<void>): Promise<boolean> {
    const key = `leases/${name}`
    const held = (await this.#objects.list(key)).get(key)
    if (held && now - held.modifiedAt < leaseMillis) return false
    const own = `${process.pid}-${Math.random()}`
    await this.#objects.put(key, own)
    if ((await this.#objects.get(key)) !== own) return false
    try {
      await work()
    } finally {
      await this.#objects.delete(key)
    }
    return true
  }

  #inTurn(prefix: string): Promise<void> {
    const turn = this.#turns.get(prefix)
    if (turn) {
      turn.next ??= turn.running.catch(() => {}).then(() => this.#start(prefix))
      return turn.next
    }
    return this.#start(prefix)
  }

  #start(prefix: string): Promise<void> {
    const running = this.#look(prefix)
    const turn: Turn = { running }
    this.#turns.set(prefix, turn)
    const end = () => {
      if (this.#turns.get(prefix) === turn) this.#turns.delete(prefix)
    }
    running.then(end, end)
    return running
  }

  async #look(prefix: string): Promise<void> {
    const changes = await this.#tables.refresh(prefix)
    this.#repositories.absorb(changes)
    for (const { after } of changes) {
      const { digest, size } = (after ?? {}) as Partial<Sized>
      if (digest !== undefined && size !== undefined) this.#content.learn(digest, size)
    }
  }
}

const markOf = (digest: Digest): string => `deleting/${encodeURIComponent(digest)}`
