import { statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

export interface PutOptions {
  /** false: the record need not outlive a power cut, so no fsync is paid for it (it does outlive a crash) */
  readonly durable?: boolean
}

/**
 * Records by key, whole in memory, each change on disk before the call returns.
 * A record is a value: replace it, never edit it. Reads take no lock and touch no disk.
 */
export interface Table<T> {
  get(key: string): T | undefined
  has(key: string): boolean
  values(): IterableIterator<T>
  entries(): IterableIterator<[string, T]>
  put(key: string, record: T, options?: PutOptions): void
  delete(key: string, options?: PutOptions): void
  readonly size: number
}

class SqliteTable<T> implements Table<T> {
  readonly #records = new Map<string, T>()
  readonly #write: (durable: boolean, body: () => void) => void
  readonly #upsert: StatementSync
  readonly #remove: StatementSync

  constructor(db: DatabaseSync, name: string, write: (durable: boolean, body: () => void) => void) {
    db.exec(`CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID`)
    for (const row of db.prepare(`SELECT key, record FROM ${name}`).iterate()) {
      this.#records.set(row.key as string, JSON.parse(row.record as string))
    }
    this.#write = write
    this.#upsert = db.prepare(
      `INSERT INTO ${name} VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET record = excluded.record`,
    )
    this.#remove = db.prepare(`DELETE FROM ${name} WHERE key = ?`)
  }

  get size(): number {
    return this.#records.size
  }

  get(key: string): T | undefined {
    return this.#records.get(key)
  }

  has(key: string): boolean {
    return this.#records.has(key)
  }

  values(): IterableIterator<T> {
    return this.#records.values()
  }

  entries(): IterableIterator<[string, T]> {
    return this.#records.entries()
  }

  put(key: string, record: T, { durable = true }: PutOptions = {}): void {
    this.#write(durable, () => this.#upsert.run(key, JSON.stringify(record)))
    this.#records.set(key, record)
  }

  delete(key: string, { durable = true }: PutOptions = {}): void {
    if (!this.#records.has(key)) return
    this.#write(durable, () => this.#remove.run(key))
    this.#records.delete(key)
  }
}

const reserveBytes = 1 << 20
const pageBytes = 4096
const SQLITE_FULL = 13

const isFull = (error: unknown): boolean => (error as { readonly errcode?: number }).errcode === SQLITE_FULL

/** The engine's records, one SQLite file in WAL mode. */
export class Database implements Disposable {
  readonly #db: DatabaseSync
  #durable = true
  #inTransaction = false

  /** @param path file, or `:memory:` */
  constructor(path: string) {
    this.#db = new DatabaseSync(path)
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; DROP TABLE IF EXISTS reserve')
    if (path !== ':memory:') this.#makeReserve(path)
    this.#db.exec('PRAGMA synchronous = FULL')
  }

  /** @param name a plain identifier, one per kind of record */
  table<T>(name: string): Table<T> {
    return new SqliteTable<T>(this.#db, name, (durable, body) => this.#write(durable, body))
  }

  /** Everything that `body`, which must be synchronous, writes is on disk as a whole or not at all. */
  transaction(body: () => void, { durable = true }: PutOptions = {}): void {
    this.#setDurable(durable)
    this.#withReserve(() => this.#transact(body))
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  #write(durable: boolean, body: () => void): void {
    if (this.#inTransaction) body()
    else {
      this.#setDurable(durable)
      this.#withReserve(body)
    }
  }

  #transact(body: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE')
    this.#inTransaction = true
    try {
      body()
      this.#db.exec('COMMIT')
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    } finally {
      this.#inTransaction = false
    }
  }

  /** On a full disk the log starts over in the space that it has. */
  #withReserve(body: () => void): void {
    try {
      body()
    } catch (error) {
      if (!isFull(error)) throw error
      this.#db.exec('PRAGMA wal_checkpoint(RESTART)')
      try {
        body()
      } catch (cause) {
        throw isFull(cause) ? new Error('no space left on device', { cause }) : cause
      }
    }
  }

  /** Blocks of the disk that records can be written to when there are no others: to remove something takes some. */
  #makeReserve(path: string): void {
    const log = `${path}-wal`
    const pages = this.#db.prepare('PRAGMA freelist_count').get()?.freelist_count as number
    const hasLog = (statSync(log, { throwIfNoEntry: false })?.size ?? 0) >= reserveBytes
    if (hasLog && pages * pageBytes >= reserveBytes) return
    try {
      this.#db.exec(`CREATE TABLE reserve (bytes BLOB); INSERT INTO reserve VALUES (zeroblob(${reserveBytes}))`)
      this.#db.exec('DROP TABLE reserve; PRAGMA wal_checkpoint(RESTART)')
    } catch (error) {
      if (!isFull(error)) throw error
    }
  }

  /** In WAL mode NORMAL writes without fsync, FULL with one. */
  #setDurable(durable: boolean): void {
    if (durable === this.#durable) return
    this.#db.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
    this.#durable = durable
  }
}
