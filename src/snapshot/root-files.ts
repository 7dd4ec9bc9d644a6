import type { Readable } from 'node:stream'
import { decompress } from '../archive/compression.ts'
import type { Cancellable } from '../base/cancellable.ts'
import type { RootHandle } from '../kernel/enter-root.ts'
import type { PathStat } from '../spec/engine-api/engine.ts'
import type { ExtractRules } from './protocol.ts'
import type { WorkerPool } from './worker-pool.ts'

/**
 * Files below the root of a container, which may be hostile and may run: every path and link is followed by a thread
 * that has this root as its own. System errors come through with their `code`.
 */
export class RootFiles {
  readonly #pool: WorkerPool

  constructor(pool: WorkerPool) {
    this.#pool = pool
  }

  /** A link at the end is not followed, unless a slash comes after it. */
  async stat(root: RootHandle, path: string): Promise<PathStat> {
    return (await this.#pool.call({ type: 'stat', root, path })).stat!
  }

  /** The same place without any link. */
  async resolve(root: RootHandle, path: string): Promise<string> {
    return (await this.#pool.call({ type: 'resolve', root, path })).path!
  }

  /** `path` and all below it as an archive whose first member is called `name`. */
  tar(root: RootHandle, path: string, name: string): Readable {
    return this.#pool.tar({ type: 'tree', root, path, name })
  }

  /** Everything, without a member for the root itself. */
  tarAll(root: RootHandle): Readable {
    return this.#pool.tar({ type: 'children', root })
  }

  /**
   * Extracts an archive, compressed in whatever way, into the directory `path`.
   *
   * @throws EngineError `invalid` when `path` is no directory or the archive no archive
   */
  async extract(
    root: RootHandle,
    path: string,
    archive: Readable,
    rules: ExtractRules,
    options: Cancellable = {},
  ): Promise<void> {
    const tar = await decompress(archive)
    await this.#pool.feed({ type: 'extract', root, path, rules }, tar, options)
  }
}
