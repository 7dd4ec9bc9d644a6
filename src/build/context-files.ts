import { readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { hasCode } from '../base/errors.ts'
import { MountedTree } from '../snapshot/mounted-tree.ts'
import type { HeldArchive } from '../snapshot/snapshotter.ts'
import { ContextIndex } from './context-index.ts'
import type { BuildDeps } from './deps.ts'

const sizeLimit = 16 << 20

/** The files of a context that is a directory on this machine, or becomes one when somebody needs it. */
export interface ContextFiles {
  readonly path: string
  /** absent where it is of no use */
  readonly index: ContextIndex | undefined
  ready(): Promise<void>
  open(): MountedTree
  /** The text of the first of these files that is there. */
  text(names: readonly string[]): Promise<string | undefined>
  /** Files are no part of it. */
  drop(names: readonly string[]): void
}

/** A directory. */
export function plainFiles({ dir }: BuildDeps, path: string): ContextFiles {
  const open = () => new MountedTree({ type: 'bind', source: path, options: [] }, dir)
  return {
    path,
    index: undefined,
    ready: async () => {},
    open,
    text: async names => {
      using tree = open()
      return firstText(tree, names)
    },
    drop: names => {
      using tree = open()
      for (const name of names) if (readIn(tree, name) !== undefined) rmSync(tree.locate(posix.resolve('/', name)))
    },
  }
}

/** An archive, which is unpacked below `scratch` only when a step wants more than to know what it holds. */
export async function holdFiles(
  deps: BuildDeps,
  tar: Readable,
  fileName: string,
  scratch: string,
  options: Cancellable,
): Promise<ContextFiles & AsyncDisposable> {
  const wanted = [posix.resolve('/', fileName).slice(1), 'dockerfile', '.dockerignore']
  const held = await deps.snapshots.hold(tar, wanted, options)
  return new HeldFiles(deps, held, join(scratch, 'files'), options)
}

class HeldFiles implements ContextFiles, AsyncDisposable {
  readonly path: string
  readonly #held: HeldArchive
  readonly #plain: ContextFiles
  readonly #options: Cancellable
  #index: ContextIndex | undefined
  #dropped: readonly string[] = []
  #unpacked: Promise<void> | undefined

  constructor(deps: BuildDeps, held: HeldArchive, path: string, options: Cancellable) {
    this.path = path
    this.#held = held
    this.#options = options
    this.#plain = plainFiles(deps, path)
    this.#index = held.index.isPlain ? new ContextIndex(held.index, []) : undefined
  }

  get index(): ContextIndex | undefined {
    return this.#index
  }

  ready(): Promise<void> {
    this.#unpacked ??= this.#unpack()
    return this.#unpacked
  }

  async #unpack(): Promise<void> {
    await using extracted = await this.#held.extract(this.#options)
    renameSync(extracted.directory, this.path)
    this.#plain.drop(this.#dropped)
  }

  open(): MountedTree {
    return this.#plain.open()
  }

  async text(names: readonly string[]): Promise<string | undefined> {
    for (const name of names) {
      const path = posix.resolve('/', name).slice(1)
      const known = this.#index?.lookUp(path)
      if (known === 'absent') continue
      const text = known && this.#held.index.texts.get(path)
      if (text !== undefined) return text
      await this.ready()
      const read = await this.#plain.text([name])
      if (read !== undefined) return read
    }
    return undefined
  }

  drop(names: readonly string[]): void {
    if (names.length === 0) return
    this.#dropped = names
    if (this.#index) this.#index = new ContextIndex(this.#held.index, names)
    if (this.#unpacked) this.#plain.drop(names)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unpacked?.catch(() => {})
    await this.#held[Symbol.asyncDispose]()
  }
}

function firstText(tree: MountedTree, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = readIn(tree, name)
    if (text !== undefined) return text
  }
  return undefined
}

function readIn(tree: MountedTree, name: string): string | undefined {
  try {
    const path = tree.locate(posix.resolve('/', name))
    const stat = statSync(path)
    // a device or a FIFO would never end
    return stat.isFile() && stat.size <= sizeLimit ? readFileSync(path, 'utf8') : undefined
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}
