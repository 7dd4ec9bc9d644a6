import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { syncDir } from '../base/atomic-file.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { syncFileSystem } from '../kernel/file-metadata.ts'
import { chainIdOf, type Digest, hexOf } from '../spec/digest.ts'
import type { FilesystemChange } from '../spec/engine-api/container.ts'
import type { Mount } from '../spec/mount.ts'
import type { SettledTimes } from './layer-tar.ts'
import type { ExtractedArchive, HeldArchive, Snapshotter, UnpackedLayer } from './snapshotter.ts'
import { WorkerPool } from './worker-pool.ts'

interface Meta {
  readonly chainId: Digest
  readonly diffId: Digest
  readonly parent?: Digest | undefined
  readonly size: number
}

/** 127 of these, with `/fs`, fit the 4096 bytes that mount(2) takes when they are given relative to the root. */
const nameLength = 24
const nameOf = (chainId: Digest): string => hexOf(chainId).slice(0, nameLength)

class OverlayLayer implements UnpackedLayer {
  readonly diffId: Digest
  readonly size: number
  readonly directory: string
  readonly #dispose: () => Promise<void>

  constructor(directory: string, { diffId, size }: { diffId: Digest; size: number }, dispose: () => Promise<void>) {
    this.directory = directory
    this.diffId = diffId
    this.size = size
    this.#dispose = dispose
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#dispose()
  }
}

/**
 * Layers as directories `<root>/<24 hex of the chainID>/fs` with `meta.json` beside it.
 * A layer is extracted in `tmp-N`, synced, and renamed: under its name it is always whole.
 */
export class OverlaySnapshotter implements Snapshotter, AsyncDisposable {
  readonly name = 'overlay2'
  readonly #root: string
  readonly #layers = new Map<Digest, Meta>()
  readonly #pool: WorkerPool
  #temps = 0
  /** a sync that has not begun yet: whoever comes before it does may share it */
  #nextSync: Promise<void> | undefined
  #syncing: Promise<void> = Promise.resolve()

  /** @param root directory on the file system that also holds the writable layers */
  constructor(root: string, pool: WorkerPool = new WorkerPool()) {
    this.#root = root
    this.#pool = pool
    mkdirSync(this.#empty, { recursive: true, mode: 0o755 })
    for (const name of readdirSync(root)) {
      const path = join(root, name, 'meta.json')
      if (name.length !== nameLength || !existsSync(path)) continue
      const meta: Meta = JSON.parse(readFileSync(path, 'utf8'))
      this.#layers.set(meta.chainId, meta)
    }
  }

  has(chainId: Digest): boolean {
    return this.#layers.has(chainId)
  }

  async apply(parent: Digest | undefined, diffId: Digest, tar: Readable, options: Cancellable = {}): Promise<Digest> {
    const chainId = chainIdOf(parent ? [parent, diffId] : [diffId])
    if (this.has(chainId)) {
      tar.destroy()
      return chainId
    }
    await using layer = await this.unpack(tar, options)
    if (layer.diffId !== diffId)
      throw new EngineError('invalid', `layer has diffID ${layer.diffId}, expected ${diffId}`)
    return await this.commit(parent, [layer])
  }

  async unpack(source: Readable, options: Cancellable = {}): Promise<UnpackedLayer> {
    const directory = this.#makeTemp()
    try {
      const { diffId, size } = await this.#unpack(join(directory, 'fs'), source, true, options)
      return new OverlayLayer(directory, { diffId: diffId!, size: size! }, () => this.#discard(directory))
    } catch (error) {
      await this.#discard(directory)
      throw error
    }
  }

  async commit(parent: Digest | undefined, layers: readonly UnpackedLayer[]): Promise<Digest> {
    if (parent !== undefined) this.#meta(parent)
    const metas: Meta[] = []
    let top = parent
    for (const layer of layers as readonly OverlayLayer[]) {
      const chainId = chainIdOf(top ? [top, layer.diffId] : [layer.diffId])
      const meta: Meta = { chainId, diffId: layer.diffId, parent: top, size: layer.size }
      writeFileSync(join(layer.directory, 'meta.json'), JSON.stringify(meta))
      metas.push(meta)
      top = chainId
    }
    await this.#sync()
    for (const [i, meta] of metas.entries()) this.#publish((layers[i] as OverlayLayer).directory, meta)
    syncDir(this.#root)
    if (top === undefined) throw new EngineError('internal', 'no layer to commit')
    return top
  }

  async adopt(parent: Digest | undefined, upper: string, times?: SettledTimes) {
    const { diffId, size } = await this.#pool.call({ type: 'measure', upper, times })
    const directory = this.#makeTemp()
    rmSync(join(directory, 'fs'), { recursive: true })
    renameSync(upper, join(directory, 'fs'))
    await using layer = new OverlayLayer(directory, { diffId: diffId!, size: size! }, () => this.#discard(directory))
    return { chainId: await this.commit(parent, [layer]), diffId: diffId! }
  }

  async extract(archive: Readable, options: Cancellable = {}): Promise<ExtractedArchive> {
    const temp = this.#makeTemp()
    const directory = join(temp, 'fs')
    try {
      await this.#unpack(directory, archive, false, options)
      return { directory, [Symbol.asyncDispose]: () => this.#discard(temp) }
    } catch (error) {
      await this.#discard(temp)
      throw error
    }
  }

  async hold(archive: Readable, wanted: readonly string[], options: Cancellable = {}): Promise<HeldArchive> {
    const temp = this.#makeTemp()
    const path = join(temp, 'archive')
    try {
      const { index } = await this.#pool.feed({ type: 'index', path, wanted }, archive, options)
      const extract = async (more: Cancellable = {}) => {
        const extracted = await this.extract(createReadStream(path, { highWaterMark: 1 << 18 }), more)
        rmSync(path)
        return extracted
      }
      return { index: index!, extract, [Symbol.asyncDispose]: () => this.#discard(temp) }
    } catch (error) {
      await this.#discard(temp)
      throw error
    }
  }

  layers(chainId: Digest): readonly string[] {
    const directories: string[] = []
    for (let at: Digest | undefined = chainId; at !== undefined; at = this.#meta(at).parent)
      directories.push(this.#directory(this.#meta(at).chainId))
    return directories
  }

  sizeOf(chainId: Digest): number {
    return this.#meta(chainId).size
  }

  parentOf(chainId: Digest): Digest | undefined {
    return this.#meta(chainId).parent
  }

  diffIdOf(chainId: Digest): Digest {
    return this.#meta(chainId).diffId
  }

  /** Names below the root that are layers. */
  directories(): ReadonlySet<string> {
    return new Set([...this.#layers.keys()].map(nameOf))
  }

  list(): readonly Digest[] {
    return [...this.#layers.keys()]
  }

  async remove(chainId: Digest): Promise<void> {
    if (!this.#layers.delete(chainId)) return
    const doomed = join(this.#root, `tmp-${process.pid}-${++this.#temps}`)
    renameSync(join(this.#root, nameOf(chainId)), doomed)
    await this.#discard(doomed)
  }

  mount(chainId: Digest | undefined, writable?: { readonly upper: string; readonly work: string }): Mount {
    const stack = chainId === undefined ? [] : this.layers(chainId)
    // overlay wants two directories at least, one of which may be the upper one
    const lowers = stack.length + (writable ? 1 : 0) < 2 ? [...stack, this.#empty] : stack
    const own = writable ? [`upperdir=${writable.upper}`, `workdir=${writable.work}`] : []
    const twice = lowers.length === 1 && !writable ? [...lowers, this.#empty2()] : lowers
    return { type: 'overlay', source: 'overlay', options: [`lowerdir=${twice.join(':')}`, ...own] }
  }

  async changes(chainId: Digest | undefined, upper: string): Promise<readonly FilesystemChange[]> {
    const lowers = chainId === undefined ? [] : this.layers(chainId)
    return (await this.#pool.call({ type: 'changes', upper, lowers })).changes ?? []
  }

  diff(upper: string): Readable {
    return this.#pool.tar({ type: 'layer', upper })
  }

  async isSound(chainId: Digest, fresh?: UnpackedLayer): Promise<boolean> {
    const own = this.#directory(chainId)
    if (!fresh)
      return (
        (await this.#pool.call({ type: 'measure', upper: own, times: undefined })).diffId === this.diffIdOf(chainId)
      )
    const other = join((fresh as OverlayLayer).directory, 'fs')
    const [left, right] = await Promise.all([own, other].map(path => this.#pool.call({ type: 'hash', path })))
    return left!.hash === right!.hash
  }

  async replace(chainId: Digest, fresh: UnpackedLayer): Promise<void> {
    const { directory } = fresh as OverlayLayer
    writeFileSync(join(directory, 'meta.json'), JSON.stringify(this.#meta(chainId)))
    await this.#sync()
    const target = join(this.#root, nameOf(chainId))
    const doomed = join(this.#root, `tmp-${process.pid}-${++this.#temps}`)
    renameSync(target, doomed)
    renameSync(directory, target)
    syncDir(this.#root)
    await this.#discard(doomed)
  }

  async recover(): Promise<number> {
    let count = 0
    for (const name of readdirSync(this.#root)) {
      const isWhole = name.length === nameLength && existsSync(join(this.#root, name, 'meta.json'))
      if (isWhole || name.startsWith('empty')) continue
      await this.#discard(join(this.#root, name))
      count++
    }
    return count
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }

  get #empty(): string {
    return join(this.#root, 'empty')
  }

  #empty2(): string {
    const path = join(this.#root, 'empty-2')
    mkdirSync(path, { recursive: true, mode: 0o755 })
    return path
  }

  #unpack(directory: string, archive: Readable, whiteouts: boolean, options: Cancellable) {
    return this.#pool.feed({ type: 'unpack', directory, whiteouts }, archive, options)
  }

  #meta(chainId: Digest): Meta {
    const meta = this.#layers.get(chainId)
    if (!meta) throw new EngineError('not-found', `layer ${chainId} does not exist`)
    return meta
  }

  #directory(chainId: Digest): string {
    return join(this.#root, nameOf(chainId), 'fs')
  }

  #makeTemp(): string {
    const directory = join(this.#root, `tmp-${process.pid}-${++this.#temps}`)
    mkdirSync(join(directory, 'fs'), { recursive: true, mode: 0o755 })
    return directory
  }

  async #discard(directory: string): Promise<void> {
    if (existsSync(directory)) await this.#pool.call({ type: 'remove', path: directory })
  }

  #publish(directory: string, meta: Meta): void {
    const known = this.#layers.get(meta.chainId)
    if (known) return // somebody else was faster; ours is disposed of
    const target = join(this.#root, nameOf(meta.chainId))
    if (existsSync(target)) throw new EngineError('internal', `${target} belongs to another layer`)
    renameSync(directory, target)
    this.#layers.set(meta.chainId, meta)
  }

  #sync(): Promise<void> {
    this.#nextSync ??= this.#syncing
      .catch(() => {})
      .then(() => {
        this.#nextSync = undefined
        return (this.#syncing = syncFileSystem(this.#root))
      })
    return this.#nextSync
  }
}
