import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  ftruncateSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { fromByteString, type TarEntry } from '../../archive/tar-entry.ts'
import { type TarHandler, TarParser } from '../../archive/tar-parser.ts'
import { ExitError } from '../errors.ts'

export interface ExtractOptions {
  /** where a member goes, relative to the folder; undefined leaves it out */
  readonly rename: (name: string) => string | undefined
  readonly keepOwner: boolean
  readonly onBytes?: (count: number) => void
}

const found = (path: string) => lstatSync(path, { throwIfNoEntry: false })

/** Writes members of an archive below a folder, and nowhere else, whatever names and links they carry. */
class Extractor implements TarHandler {
  readonly #root: string
  readonly #options: ExtractOptions
  readonly #folders: { readonly path: string; readonly entry: TarEntry }[] = []
  #file: number | undefined
  #current: { readonly path: string; readonly entry: TarEntry } | undefined

  constructor(root: string, options: ExtractOptions) {
    this.#root = realpathSync(root)
    this.#options = options
  }

  /** The path of a member, its parents made; none of them leads out by a link. */
  #place(name: string): string {
    const relative = normalize(`/${name}`).slice(1)
    const path = join(this.#root, relative)
    const parent = dirname(path)
    if (path === this.#root) return path
    mkdirSync(parent, { recursive: true })
    const real = realpathSync(parent)
    if (real !== this.#root && !real.startsWith(this.#root === '/' ? '/' : this.#root + sep))
      throw new ExitError(1, `refusing to write ${JSON.stringify(name)}: a link in its path leads out of ${this.#root}`)
    return join(real, relative.split('/').filter(Boolean).at(-1) ?? '')
  }

  entry(entry: TarEntry): void {
    const name = this.#options.rename(fromByteString(entry.name).replace(/^\.\//, ''))
    this.#current = undefined
    if (name === undefined) return
    const path = this.#place(name)
    const before = found(path)
    if (before?.isDirectory() && entry.type !== 'directory')
      throw new ExitError(
        1,
        `cannot overwrite directory ${JSON.stringify(path)} with non-directory ${JSON.stringify(dirname(path))}`,
      )
    if (before && !before.isDirectory() && entry.type === 'directory')
      throw new ExitError(
        1,
        `cannot overwrite non-directory ${JSON.stringify(path)} with directory ${JSON.stringify(dirname(path))}`,
      )
    this.#make(path, entry, before !== undefined)
    this.#current = { path, entry }
  }

  #make(path: string, entry: TarEntry, exists: boolean): void {
    if (entry.type === 'directory') {
      if (!exists) mkdirSync(path)
      this.#folders.push({ path, entry })
      return
    }
    if (exists) rmSync(path, { force: true })
    if (entry.type === 'symlink') symlinkSync(fromByteString(entry.linkName), path)
    else if (entry.type === 'link') linkSync(this.#linked(fromByteString(entry.linkName)), path)
    else if (entry.type === 'file') {
      const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW
      this.#file = openSync(path, flags, 0o600)
      if (entry.size) ftruncateSync(this.#file, entry.size)
    }
  }

  #linked(name: string): string {
    const target = this.#options.rename(name.replace(/^\.\//, ''))
    if (target === undefined) throw new ExitError(1, `a link to ${JSON.stringify(name)}, which is not copied`)
    const path = this.#place(target)
    if (found(path)?.isSymbolicLink()) throw new ExitError(1, `a link to the link ${JSON.stringify(name)}`)
    return path
  }

  data(chunk: Buffer, offset: number): void {
    if (this.#file === undefined) return
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#file, chunk, at, chunk.length - at, offset + at)
    this.#options.onBytes?.(chunk.length)
  }

  endEntry(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    if (this.#current && this.#current.entry.type !== 'directory') this.#finish(this.#current.path, this.#current.entry)
  }

  #finish(path: string, entry: TarEntry): void {
    if (entry.type === 'link' || !found(path)) return
    const isLink = entry.type === 'symlink'
    if (this.#options.keepOwner) (isLink ? lchownSync : chownSync)(path, entry.uid, entry.gid)
    if (!isLink) chmodSync(path, entry.mode)
    const seconds = Number(entry.mtimeNanos) / 1e9
    if (isLink) lutimesSync(path, seconds, seconds)
    else utimesSync(path, seconds, seconds)
  }

  /** Folders get their modes and times last, inner ones first. */
  end(): void {
    for (const { entry, path } of this.#folders.reverse()) this.#finish(path, entry)
  }
}

/** Extracts a tar archive below `folder`. */
export async function extractTar(tar: Readable, folder: string, options: ExtractOptions): Promise<void> {
  const extractor = new Extractor(folder, options)
  const parser = new TarParser(extractor)
  for await (const chunk of tar) {
    parser.write(chunk as Buffer)
  }
  parser.end()
  extractor.end()
}
