import { closeSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { hasCode } from '../base/errors.ts'
import { holdTree, openInRoot } from '../kernel/root.ts'
import type { Mount } from '../spec/mount.ts'

const O_DIRECTORY = 0o200000
const O_PATH = 0o10000000

/** A directory tree that only this process sees; paths are resolved as if its root were `/`. */
export class MountedTree implements Disposable {
  readonly #root: number
  readonly #opened = new Set<number>()
  #isOpen = true

  /** @param dir where an empty directory may be made for a moment */
  constructor(mount: Mount, dir: string) {
    const place = mkdtempSync(join(dir, 'tree-'))
    try {
      this.#root = holdTree([mount], place)
    } finally {
      rmdirSync(place)
    }
  }

  /** A path outside for `path` inside, links followed; good until the tree is disposed of. Throws ENOENT. */
  locate(path: string): string {
    const name = basename(path)
    if (name === '' || name === '.' || name === '..') return this.#open(path)
    const plain = `${this.#open(dirname(path))}/${name}`
    return lstatSync(plain).isSymbolicLink() ? this.#open(path) : plain
  }

  /** Whether there is anything at `path`, links followed. */
  has(path: string): boolean {
    try {
      this.locate(path)
      return true
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].some(code => hasCode(error, code))) return false
      throw error
    }
  }

  /** What is in a directory, sorted; nothing when it is not there, or none. */
  names(path: string): readonly string[] {
    try {
      return readdirSync(`${this.locate(path)}/.`).sort()
    } catch {
      return []
    }
  }

  /** The path inside, free of links, of what locate() or locateDirectory() gave. */
  inside(outside: string): string {
    const [, fd = '', rest = ''] = /^(\/proc\/self\/fd\/\d+)(.*)$/.exec(outside) ?? []
    const directory = readlinkSync(fd)
    return directory === '/' ? rest || '/' : directory + rest
  }

  #open(path: string, flags?: number): string {
    const fd = openInRoot(this.#root, path, flags)
    this.#opened.add(fd)
    return `/proc/self/fd/${fd}`
  }

  /** As locate(), of a directory that is made, with those above it, where it is missing. */
  locateDirectory(path: string, made: (outside: string) => void = () => {}): string {
    let done = ''
    for (const part of path.split('/').filter(Boolean)) {
      const next = `${done}/${part}`
      if (!this.#isThere(next)) {
        const created = `${this.locate(done || '/')}/${part}`
        mkdirSync(created, 0o755)
        made(created)
      }
      done = next
    }
    return this.#open(done || '/', O_PATH | O_DIRECTORY)
  }

  #isThere(path: string): boolean {
    try {
      closeSync(openInRoot(this.#root, path))
      return true
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false
      throw error
    }
  }

  [Symbol.dispose](): void {
    for (const fd of this.#opened) closeSync(fd)
    this.#opened.clear()
    if (this.#isOpen) closeSync(this.#root)
    this.#isOpen = false
  }
}
