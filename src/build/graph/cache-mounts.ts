import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cancellable } from '../../base/cancellable.ts'
import { hasCode } from '../../base/errors.ts'
import { KeyedMutex } from '../../base/keyed-mutex.ts'
import { digestOf } from '../../spec/digest.ts'
import type { CacheMountInfo, Caches } from '../deps.ts'

/** Disposing lets the next command have it. */
export interface CacheDirectory extends Disposable {
  readonly path: string
  /** nobody has written to it yet */
  readonly isNew: boolean
}

/** Directories that commands of builds share by name: what `RUN --mount=type=cache` shows. */
export class CacheMounts implements Caches {
  readonly #dir: string
  readonly #users = new Map<string, number>()
  readonly #locks = new KeyedMutex()

  constructor(dir: string) {
    this.#dir = dir
  }

  /** `shared` by all, `locked`: one after the other, `private`: one of its own for who comes second. */
  async take(id: string, sharing: 'shared' | 'private' | 'locked', { signal }: Cancellable): Promise<CacheDirectory> {
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 })
    const key = digestOf(id).slice(7, 31)
    using undo = new DisposableStack()
    if (sharing === 'locked') undo.use(await this.#locks.acquire(key, signal))
    if (sharing === 'private' && this.#users.has(key)) {
      const path = mkdtempSync(join(this.#dir, 'once-'))
      undo.defer(() => rmSync(path, { recursive: true, force: true }))
      return this.#opened(join(path, 'files'), id, undo.move())
    }
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1)
    undo.defer(() => this.#leave(key))
    return this.#opened(join(this.#dir, key, 'files'), id, undo.move())
  }

  #opened(path: string, id: string, undo: DisposableStack): CacheDirectory {
    const isNew = mkdirSync(path, { recursive: true }) !== undefined
    writeFileSync(join(path, '../id'), id)
    utimesSync(join(path, '..'), new Date(), new Date())
    return { path, isNew, [Symbol.dispose]: () => undo.dispose() }
  }

  #leave(key: string): void {
    const count = this.#users.get(key)! - 1
    if (count > 0) this.#users.set(key, count)
    else this.#users.delete(key)
  }

  list(): readonly CacheMountInfo[] {
    return namesIn(this.#dir)
      .filter(key => !key.startsWith('once-'))
      .map(key => {
        const path = join(this.#dir, key)
        const id = readFileSync(join(path, 'id'), 'utf8')
        return { key, id, path: join(path, 'files'), lastUsed: statSync(path).mtimeMs, inUse: this.#users.has(key) }
      })
  }

  remove(key: string): void {
    if (!this.#users.has(key)) rmSync(join(this.#dir, key), { recursive: true, force: true })
  }

  recover(): void {
    for (const name of namesIn(this.#dir))
      if (name.startsWith('once-') || !hasId(join(this.#dir, name)))
        rmSync(join(this.#dir, name), { recursive: true, force: true })
  }
}

function hasId(path: string): boolean {
  try {
    return statSync(join(path, 'id')).isFile()
  } catch {
    return false
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}
