import type { Table } from '../../base/database.ts'
import type { S3Objects } from '../../content/s3-objects.ts'
import type { RecordChange } from '../repositories.ts'
import { parseKey, repositoryOf, toObjectKey } from './object-keys.ts'

/** Some servers show an object while it is written: it is read again at the next refresh. */
const isHalf = (text: string | undefined): boolean => text !== undefined && !text.endsWith('}')

/**
 * Records that several processes share, each an object of a bucket: what one has flushed, all others see when they
 * refresh. Writes go out in their order, one after the other.
 */
export class SharedTables {
  readonly #objects: S3Objects
  readonly #tables = new Map<string, Map<string, unknown>>()
  /** by repository: the objects known of it, with the etags at which they were read */
  readonly #etags = new Map<string, Map<string, string>>()
  readonly #writes: { readonly object: string; readonly text: string | undefined }[] = []
  /** objects with a write that has not gone out */
  readonly #unsent = new Map<string, number>()
  /** of each object written here: how many writes there were then */
  readonly #writtenAt = new Map<string, number>()
  #count = 0
  #refreshing = 0
  #sending: Promise<void> | undefined

  constructor(objects: S3Objects) {
    this.#objects = objects
  }

  /** As that of a database, but that others see a change only after `flush`. */
  table<T>(name: string): Table<T> {
    const records = new Map<string, T>()
    this.#tables.set(name, records)
    return {
      get: key => records.get(key),
      has: key => records.has(key),
      values: () => records.values(),
      entries: () => records.entries(),
      get size() {
        return records.size
      },
      put: (key, record) => {
        records.set(key, record)
        this.#write(toObjectKey(name, key), JSON.stringify(record))
      },
      delete: key => {
        if (records.delete(key)) this.#write(toObjectKey(name, key), undefined)
      },
    }
  }

  /** Sends what was written here. When that fails, the next refresh takes back what others cannot see. */
  async flush(): Promise<void> {
    while (this.#writes.length > 0 || this.#sending) {
      this.#sending ??= this.#send().finally(() => {
        this.#sending = undefined
      })
      await this.#sending
    }
  }

  /** Takes in what others have written below `prefix`, and tells what that was. */
  async refresh(prefix: string): Promise<readonly RecordChange[]> {
    const since = this.#count
    this.#refreshing++
    try {
      const found = await this.#objects.list(prefix)
      const isOurs = (object: string) => this.#unsent.has(object) || (this.#writtenAt.get(object) ?? 0) > since
      const changes: RecordChange[] = []
      const take = async (object: string, etag: string) => {
        const text = await this.#objects.get(object)
        if (!isOurs(object) && !isHalf(text)) changes.push(this.#apply(object, text, etag))
      }
      const fresh = [...found].filter(([object, { etag }]) => this.#etagOf(object) !== etag)
      for (let at = 0; at < fresh.length; at += 32)
        await Promise.all(fresh.slice(at, at + 32).map(([object, { etag }]) => take(object, etag)))
      for (const object of this.#known(prefix))
        if (!found.has(object) && !isOurs(object)) changes.push(this.#apply(object, undefined, ''))
      return changes
    } finally {
      this.#refreshing--
    }
  }

  #write(object: string, text: string | undefined): void {
    this.#note(object, '') // not as anybody has read it
    this.#writtenAt.set(object, ++this.#count)
    this.#unsent.set(object, (this.#unsent.get(object) ?? 0) + 1)
    this.#writes.push({ object, text })
  }

  async #send(): Promise<void> {
    const batch = this.#writes.splice(0)
    try {
      for (const { object, text } of batch) {
        const etag = text === undefined ? await this.#objects.delete(object) : await this.#objects.put(object, text)
        if (this.#unsent.get(object) === 1) this.#note(object, etag ?? undefined)
      }
    } finally {
      for (const { object } of batch) {
        const left = this.#unsent.get(object)! - 1
        if (left > 0) this.#unsent.set(object, left)
        else this.#unsent.delete(object)
        if (left === 0 && this.#refreshing === 0) this.#writtenAt.delete(object)
      }
    }
  }

  #apply(object: string, text: string | undefined, etag: string): RecordChange {
    const { key, table } = parseKey(object)
    const records = this.#tables.get(table)
    const before = records?.get(key)
    const after = text === undefined ? undefined : (JSON.parse(text) as unknown)
    if (after === undefined) records?.delete(key)
    else records?.set(key, after)
    this.#note(object, after === undefined ? undefined : etag)
    return { table, before, after }
  }

  #note(object: string, etag: string | undefined): void {
    const repository = repositoryOf(object)
    const known = this.#etags.get(repository) ?? new Map<string, string>()
    if (etag === undefined) known.delete(object)
    else known.set(object, etag)
    if (known.size > 0) this.#etags.set(repository, known)
    else this.#etags.delete(repository)
  }

  #etagOf(object: string): string | undefined {
    return this.#etags.get(repositoryOf(object))?.get(object)
  }

  #known(prefix: string): readonly string[] {
    const repository = repositoryOf(prefix)
    const maps = repository === '' ? [...this.#etags.values()] : [this.#etags.get(repository) ?? new Map()]
    return maps.flatMap(known => [...known.keys()] as string[])
  }
}
