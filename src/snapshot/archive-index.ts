import { createHash, type Hash, hash } from 'node:crypto'
import { fromByteString, type TarEntry, toByteString } from '../archive/tar-entry.ts'
import type { TarHandler } from '../archive/tar-parser.ts'
import { cleanName } from './contained-path.ts'

const S_IFDIR = 0o040000
const S_IFREG = 0o100000
const S_IFLNK = 0o120000
const S_IFMT = 0o170000
const textLimit = 16 << 20

/** A file as it will be on disk. */
export interface IndexedFile {
  /** permission bits and kind */
  readonly mode: number
  /** of a symbolic link */
  readonly link: string
  /** SHA-256 in hex; empty for what has no content */
  readonly content: string
}

/** What an archive holds. */
export interface ArchiveIndex {
  /** by path, without a slash in front; directories that only its names imply are among them */
  readonly files: ReadonlyMap<string, IndexedFile>
  /** the contents that were asked for */
  readonly texts: ReadonlyMap<string, string>
  /** false: members replace each other, lead through links or are devices, so that only unpacking tells what results */
  readonly isPlain: boolean
}

/** Looks at the members of an archive as they pass. */
export class ArchiveIndexer implements TarHandler {
  readonly #files = new Map<string, IndexedFile>()
  readonly #texts = new Map<string, string>()
  readonly #wanted: ReadonlySet<string>
  #isPlain = true
  #path = ''
  #entry: TarEntry | undefined
  #hash: Hash | undefined
  #content: string | undefined
  #chunks: Buffer[] | undefined
  #seen = 0

  constructor(wanted: readonly string[]) {
    this.#wanted = new Set(wanted)
  }

  get index(): ArchiveIndex {
    return { files: this.#files, texts: this.#texts, isPlain: this.#isPlain }
  }

  entry(entry: TarEntry): void {
    const name = cleanName(entry.name)
    const path = this.#text(name)
    this.#entry = undefined
    if (name === '') return
    this.#addParents(path)
    const old = this.#files.get(path)
    if (old && !(isDirectory(old) && entry.type === 'directory')) this.#isPlain = false
    if (entry.type === 'file') this.#begin(path, entry)
    else if (entry.type === 'directory') this.#files.set(path, { mode: S_IFDIR | entry.mode, link: '', content: '' })
    else if (entry.type === 'symlink')
      this.#files.set(path, { mode: S_IFLNK | 0o777, link: this.#text(entry.linkName), content: '' })
    else if (entry.type === 'link') this.#link(path, this.#text(cleanName(entry.linkName)))
    else this.#isPlain = false
  }

  data(chunk: Buffer, offset: number): void {
    const entry = this.#entry
    if (!entry) return
    if (offset !== this.#seen) this.#isPlain = false
    this.#seen += chunk.length
    if (offset === 0 && chunk.length === entry.size) this.#content = hash('sha256', chunk, 'hex')
    else {
      this.#hash ??= createHash('sha256')
      this.#hash.update(chunk)
    }
    this.#chunks?.push(Buffer.from(chunk))
  }

  endEntry(): void {
    const entry = this.#entry
    if (!entry) return
    if (this.#seen !== entry.size) this.#isPlain = false
    const content = this.#content ?? (this.#hash ?? createHash('sha256')).digest('hex')
    this.#files.set(this.#path, { mode: S_IFREG | entry.mode, link: '', content })
    if (this.#chunks) this.#texts.set(this.#path, Buffer.concat(this.#chunks).toString('utf8'))
    this.#entry = undefined
  }

  #begin(path: string, entry: TarEntry): void {
    this.#entry = entry
    this.#path = path
    this.#hash = this.#content = undefined
    this.#chunks = this.#wanted.has(path) && entry.size <= textLimit ? [] : undefined
    this.#seen = 0
  }

  #link(path: string, target: string): void {
    const file = this.#files.get(target)
    if (file && !isDirectory(file)) this.#files.set(path, file)
    else this.#isPlain = false
  }

  #addParents(path: string): void {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash)
      const known = this.#files.get(parent)
      if (known && !isDirectory(known)) this.#isPlain = false
      if (known) return
      this.#files.set(parent, { mode: S_IFDIR | 0o755, link: '', content: '' })
    }
  }

  #text(bytes: string): string {
    const text = fromByteString(bytes)
    if (toByteString(text) !== bytes) this.#isPlain = false
    return text
  }
}

const isDirectory = ({ mode }: IndexedFile): boolean => (mode & S_IFMT) === S_IFDIR
