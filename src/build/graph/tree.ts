import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats, statSync } from 'node:fs'
import { posix } from 'node:path'
import { globPattern } from '../../archive/ignore.ts'
import { EngineError, hasCode } from '../../base/errors.ts'
import { MountedTree } from '../../snapshot/mounted-tree.ts'
import type { FileStat, SolvedImage } from '../../spec/engine-api/solver.ts'
import type { BuildDeps } from '../deps.ts'
import type { BuiltImage } from './job.ts'

const sizeLimit = 64 << 20

/** Bits of Go's os.FileMode for a file here. */
function goMode(stat: Stats): number {
  let mode = stat.mode & 0o777
  if (stat.isDirectory()) mode += 2 ** 31
  if (stat.isSymbolicLink()) mode += 2 ** 27
  if (stat.isBlockDevice() || stat.isCharacterDevice()) mode += 2 ** 26
  if (stat.isFIFO()) mode += 2 ** 25
  if (stat.isSocket()) mode += 2 ** 24
  if (stat.mode & 0o4000) mode += 2 ** 23
  if (stat.mode & 0o2000) mode += 2 ** 22
  if (stat.isCharacterDevice()) mode += 2 ** 21
  if (stat.mode & 0o1000) mode += 2 ** 20
  return mode
}

export const toFileStat = (path: string, outside: string, stat: Stats): FileStat => ({
  path,
  mode: goMode(stat),
  uid: stat.uid,
  gid: stat.gid,
  size: stat.isFile() ? stat.size : 0,
  modTimeNanos: BigInt(Math.round(stat.mtimeMs * 1e6)),
  linkName: stat.isSymbolicLink() ? readlinkSync(outside) : '',
  deviceMajor: 0,
  deviceMinor: 0,
})

/** The files of a built image, to be looked at. */
export class BuiltTree implements SolvedImage {
  readonly #deps: BuildDeps
  readonly #image: BuiltImage

  constructor(deps: BuildDeps, image: BuiltImage) {
    this.#deps = deps
    this.#image = image
  }

  get id(): string {
    return this.#image.id
  }

  #open(): MountedTree {
    const { snapshots, dir } = this.#deps
    return new MountedTree(snapshots.mount(this.#image.stack.chainId), dir)
  }

  #locate(tree: MountedTree, path: string): string {
    try {
      return tree.locate(posix.resolve('/', path))
    } catch (error) {
      if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error
      throw new EngineError('not-found', `open ${path}: no such file or directory`)
    }
  }

  async readFile(path: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array> {
    using tree = this.#open()
    const outside = this.#locate(tree, path)
    const { size } = statSync(outside)
    const length = Math.min(range?.length || size, Math.max(0, size - (range?.offset ?? 0)), sizeLimit)
    const fd = openSync(outside, 'r')
    try {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(fd, bytes, 0, length, range?.offset ?? 0))
    } finally {
      closeSync(fd)
    }
  }

  async readDirectory(path: string, pattern: string): Promise<readonly FileStat[]> {
    using tree = this.#open()
    const outside = this.#locate(tree, path)
    const rule = pattern === '' ? undefined : globPattern(pattern)
    return readdirSync(`${outside}/.`)
      .filter(name => !rule || rule.test(name))
      .sort()
      .map(name => toFileStat(name, `${outside}/${name}`, lstatSync(`${outside}/${name}`)))
  }

  async stat(path: string): Promise<FileStat> {
    using tree = this.#open()
    const outside = this.#locate(tree, path)
    return toFileStat(posix.basename(path), outside, statSync(outside))
  }
}
