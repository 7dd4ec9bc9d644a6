import { posix } from 'node:path'
import type { ArchiveIndex, IndexedFile } from '../snapshot/archive-index.ts'
import { hashReceived } from './graph/received-hash.ts'

const S_IFMT = 0o170000
const S_IFDIR = 0o040000
const S_IFLNK = 0o120000

/** What is known of a path without its file. */
export type Known = { readonly hash: string } | 'absent' | undefined

/** The files of a context by an index of its archive: most steps that were done before need no more. */
export class ContextIndex {
  readonly #files: Map<string, IndexedFile>
  readonly #children = new Map<string, string[]>()
  readonly #hasLinks: boolean

  constructor({ files }: ArchiveIndex, dropped: readonly string[]) {
    this.#files = new Map(files)
    for (const path of dropped) this.#files.delete(path)
    this.#hasLinks = [...this.#files.values()].some(file => isKind(file, S_IFLNK))
  }

  /** Undefined: only the file tells. */
  lookUp(path: string): Known {
    const clean = posix.resolve('/', path).slice(1)
    for (const parent of parentsOf(clean)) {
      const file = this.#files.get(parent)
      if (!file) return 'absent'
      if (isKind(file, S_IFLNK)) return undefined
      if (!isKind(file, S_IFDIR)) return 'absent'
    }
    const file = this.#files.get(clean)
    if (clean !== '' && !file) return 'absent'
    if (file && isKind(file, S_IFLNK)) return undefined
    const hash = hashReceived(this.#files, clean)
    return hash === undefined ? undefined : { hash }
  }

  /** Names in a directory; undefined where links may lead elsewhere. */
  names(dir: string): readonly string[] | undefined {
    if (this.#hasLinks) return undefined
    if (this.#children.size === 0) this.#list()
    return this.#children.get(posix.resolve('/', dir).slice(1)) ?? []
  }

  has(path: string): boolean {
    const clean = posix.resolve('/', path).slice(1)
    return clean === '' || this.#files.has(clean)
  }

  #list(): void {
    for (const path of this.#files.keys()) {
      const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
      const siblings = this.#children.get(parent) ?? []
      siblings.push(posix.basename(path))
      this.#children.set(parent, siblings)
    }
  }
}

const isKind = ({ mode }: IndexedFile, kind: number): boolean => (mode & S_IFMT) === kind

function* parentsOf(path: string): Generator<string> {
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) yield path.slice(0, at)
}
