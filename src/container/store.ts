import type { Database, PutOptions, Table } from '../base/database.ts'
import { EngineError } from '../base/errors.ts'
import type { ContainerRecord } from './record.ts'

const namePattern = /^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** Records of all containers, found by id, name or prefix. Reads take no lock. */
export class ContainerStore {
  readonly #table: Table<ContainerRecord>
  readonly #ids = new Map<string, string>()

  constructor(db: Database) {
    this.#table = db.table<ContainerRecord>('containers')
    for (const { id, name } of this.#table.values()) this.#ids.set(name, id)
  }

  all(): readonly ContainerRecord[] {
    return [...this.#table.values()]
  }

  get(id: string): ContainerRecord | undefined {
    return this.#table.get(id)
  }

  byName(name: string): ContainerRecord | undefined {
    const id = this.#ids.get(name.replace(/^\//, ''))
    return id === undefined ? undefined : this.#table.get(id)
  }

  /** @throws EngineError `not-found` or `invalid` (ambiguous) with Docker's text */
  find(key: string): ContainerRecord {
    if (key === '') throw new EngineError('invalid', 'invalid name or ID supplied: ""')
    const found = this.#table.get(key) ?? this.byName(key) ?? this.#byPrefix(key)
    if (!found) throw new EngineError('not-found', `No such container: ${key}`)
    return found
  }

  /** Files of a `--rm` container need not outlive a power cut, so neither does its record. */
  put(record: ContainerRecord, options: PutOptions = { durable: !record.hostConfig.AutoRemove }): void {
    const before = this.#table.get(record.id)
    if (before && before.name !== record.name) this.#ids.delete(before.name)
    this.#table.put(record.id, record, options)
    this.#ids.set(record.name, record.id)
  }

  /** For what the next start finds out by itself: survives a crash, costs no fsync. */
  putState(record: ContainerRecord): void {
    this.put(record, { durable: false })
  }

  delete(record: ContainerRecord): void {
    this.#table.delete(record.id, { durable: !record.hostConfig.AutoRemove })
    if (this.#ids.get(record.name) === record.id) this.#ids.delete(record.name)
  }

  isTaken(name: string): boolean {
    return this.#ids.has(name)
  }

  /** @throws EngineError `invalid` or `conflict` with Docker's text */
  checkName(name: string): string {
    if (!namePattern.test(name)) {
      throw new EngineError('invalid', `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
    }
    const bare = name.replace(/^\//, '')
    const holder = this.#ids.get(bare)
    if (holder === undefined) return bare
    throw new EngineError(
      'conflict',
      `Conflict. The container name "/${bare}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
    )
  }

  #byPrefix(prefix: string): ContainerRecord | undefined {
    if (!/^[0-9a-f]{1,63}$/.test(prefix)) return undefined
    const found = [...this.#table.values()].filter(({ id }) => id.startsWith(prefix))
    if (found.length > 1) throw new EngineError('invalid', `multiple IDs found with provided prefix: ${prefix}`)
    return found[0]
  }
}
