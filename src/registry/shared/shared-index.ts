import { setTimeout as delay } from 'node:timers/promises'
import type { S3ContentStore } from '../../content/s3-content-store.ts'
import type { S3Objects } from '../../content/s3-objects.ts'
import type { Digest } from '../../spec/digest.ts'
import { OciError } from '../errors.ts'
import type { Repositories } from '../repositories.ts'
import { indexPrefix, prefixOf } from './object-keys.ts'
import type { SharedTables } from './shared-tables.ts'

const lookMillis = 50

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
  readonly #markedMillis: number
  readonly #turns = new Map<string, Turn>()

  /** @param markedMillis a mark stands for the time of a few requests; who has not begun to delete by then gives up */
  constructor(
    objects: S3Objects,
    tables: SharedTables,
    repositories: Repositories,
    content: S3ContentStore,
    markedMillis = 20_000,
  ) {
    this.#objects = objects
    this.#tables = tables
    this.#repositories = repositories
    this.#content = content
    this.#markedMillis = markedMillis
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
  deleteUnused(digest: Digest): Promise<boolean> {
    return this.#marked(digest, undefined, async () => {
      if (this.#repositories.isUsed(digest)) return false
      await this.#content.delete(digest)
      return true
    })
  }

  /** Takes records out of a repository, as `deleteUnused` bytes: `work` decides by what is there then. */
  tidy<T>(repository: string, work: () => T): Promise<T> {
    return this.#marked(`${repository}@`, repository, async () => {
      const result = work()
      await this.flush()
      return result
    })
  }

  /**
   * Makes a use known to all, and sees that no collection took meanwhile what it stands on.
   *
   * @param isThere whether the records of the repository that it stands on are there
   * @param undo takes the use back
   * @throws OciError with status 503: the client has to send them again
   */
  async confirm(
    use: { readonly repository: string; readonly digest: Digest },
    isThere: () => boolean,
    undo: () => void,
  ) {
    const { digest, repository } = use
    await this.flush()
    await Promise.all([digest, `${repository}@`].map(what => this.#unmarked(what)))
    // also without a mark: it may have gone between the two requests
    const [isStored] = await Promise.all([this.#content.isStored(digest), this.refresh(repository)])
    if (isStored && isThere()) return
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

  async #marked<T>(what: string, seen: string | undefined, work: () => Promise<T>): Promise<T> {
    const since = performance.now()
    await this.#objects.put(markOf(what), '')
    try {
      await this.refresh(seen)
      if (performance.now() - since > this.#markedMillis)
        throw new Error(`${what} is not collected: the bucket is too slow`)
      return await work()
    } finally {
      await this.#objects.delete(markOf(what))
    }
  }

  /** Waits until nobody collects it. Who marked it and has said nothing for so long was killed. */
  async #unmarked(what: string): Promise<void> {
    const since = performance.now()
    while (await this.#objects.has(markOf(what))) {
      if (performance.now() - since > 2 * this.#markedMillis) return this.#objects.delete(markOf(what))
      await delay(lookMillis)
    }
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

/** @param what a digest, or a repository's name with an `@` */
const markOf = (what: string): string => `deleting/${encodeURIComponent(what)}`
