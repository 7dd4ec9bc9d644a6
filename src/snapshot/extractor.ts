import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { basename } from 'node:path'
import { type TarEntry, toByteString } from '../archive/tar-entry.ts'
import type { TarHandler } from '../archive/tar-parser.ts'
import { EngineError, hasCode } from '../base/errors.ts'
import { makeNode, setModified, setXattr } from '../kernel/file-metadata.ts'
import { ContainedDirectories, cleanName, fsPath } from './contained-path.ts'
import { toOutside } from './owners.ts'
import type { ExtractRules } from './protocol.ts'

const whiteoutPrefix = '.wh.'
const opaqueMarker = '.wh..wh..opq'

export interface ExtractorRules extends ExtractRules {
  readonly whiteouts: boolean
}

/**
 * Writes the members of a layer below one directory, as overlay wants them: whiteouts become devices 0, 0, opaque
 * markers an attribute. Calls are synchronous: for a worker thread. Nothing is written outside, whatever the archive says.
 * Spec: https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export class Extractor implements TarHandler, Disposable {
  readonly #root: string
  readonly #directories: ContainedDirectories
  readonly #rules: ExtractorRules
  /** times of directories are set last: files made in them change them */
  readonly #directoryTimes = new Map<string, bigint>()
  #fd: number | undefined
  #path = ''
  #entry: TarEntry | undefined
  #written = 0
  /** bytes of file content */
  size = 0

  constructor(root: string, rules: ExtractorRules) {
    this.#root = toByteString(root)
    this.#directories = new ContainedDirectories(this.#root)
    this.#rules = rules
  }

  entry(member: TarEntry): void {
    const entry = this.#owned(member)
    const name = cleanName(entry.name)
    const path = name === '' ? this.#root || '/' : this.#directories.locate(name)
    const base = basename(path)
    if (name === '') {
      if (entry.type === 'directory') this.#finishDirectory(path, entry)
    } else if (this.#rules.whiteouts && base.startsWith(whiteoutPrefix)) this.#whiteout(path, base)
    else {
      if (this.#rules.noOverwriteDirNonDir) this.#refuseReplacing(name, path, entry)
      this.#make(path, entry)
    }
  }

  #owned(member: TarEntry): TarEntry {
    const { owner, ids } = this.#rules
    const entry = owner ? { ...member, ...owner } : member
    return ids ? { ...entry, uid: toOutside(ids.uids, entry.uid), gid: toOutside(ids.gids, entry.gid) } : entry
  }

  #refuseReplacing(name: string, path: string, entry: TarEntry): void {
    const stat = lstatSync(fsPath(path), { throwIfNoEntry: false })
    if (!stat || stat.isDirectory() === (entry.type === 'directory')) return
    const [old, now] = stat.isDirectory() ? ['directory', 'non-directory'] : ['non-directory', 'directory']
    const [quotedName, quotedRoot] = [JSON.stringify(name), JSON.stringify(this.#root || '/')]
    throw new EngineError('internal', `cannot overwrite ${old} ${quotedName} with ${now} ${quotedRoot}`)
  }

  data(chunk: Buffer, offset: number): void {
    if (this.#fd === undefined) return
    for (let done = 0; done < chunk.length; )
      done += writeSync(this.#fd, chunk, done, chunk.length - done, offset + done)
    this.#written = Math.max(this.#written, offset + chunk.length)
  }

  endEntry(): void {
    const entry = this.#entry
    if (this.#fd === undefined || !entry) return
    if (this.#written < entry.size) ftruncateSync(this.#fd, entry.size)
    fchownSync(this.#fd, entry.uid, entry.gid)
    fchmodSync(this.#fd, entry.mode)
    this[Symbol.dispose]()
    this.#setXattrs(this.#path, entry)
    setModified(this.#path, entry.mtimeNanos)
    this.size += entry.size
  }

  /** Call once after the last member. */
  finish(): void {
    for (const [path, nanos] of this.#directoryTimes)
      if (lstatSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory()) setModified(path, nanos)
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #make(path: string, entry: TarEntry): void {
    if (entry.type === 'directory') {
      this.#makeDirectory(path, entry)
      return
    }
    const create = this.#creator(path, entry)
    try {
      create()
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
      this.#remove(path)
      create()
    }
    if (entry.type === 'file' || entry.type === 'link') return
    lchownSync(fsPath(path), entry.uid, entry.gid)
    if (entry.type !== 'symlink') chmodSync(fsPath(path), entry.mode)
    this.#setXattrs(path, entry)
    setModified(path, entry.mtimeNanos)
  }

  #creator(path: string, entry: TarEntry): () => void {
    switch (entry.type) {
      case 'link':
        return this.#linker(path, entry)
      case 'symlink':
        return () => symlinkSync(fsPath(entry.linkName), fsPath(path))
      case 'character':
      case 'block':
      case 'fifo': {
        const type = entry.type
        return () => makeNode(path, type, entry.mode, entry.major, entry.minor)
      }
      default:
        return () => {
          this.#fd = openSync(fsPath(path), 'wx', 0o600)
          this.#path = path
          this.#entry = entry
          this.#written = 0
        }
    }
  }

  #linker(path: string, entry: TarEntry): () => void {
    const target = this.#directories.locate(cleanName(entry.linkName))
    if (target === path) return () => {}
    if (!lstatSync(fsPath(target), { throwIfNoEntry: false }))
      throw new EngineError(
        'invalid',
        `invalid hardlink ${JSON.stringify(entry.name)} -> ${JSON.stringify(entry.linkName)}`,
      )
    return () => linkSync(fsPath(target), fsPath(path))
  }

  #makeDirectory(path: string, entry: TarEntry): void {
    const stat = lstatSync(fsPath(path), { throwIfNoEntry: false })
    if (stat && !stat.isDirectory()) this.#remove(path)
    if (!stat?.isDirectory()) mkdirSync(fsPath(path), 0o700)
    this.#directories.remember(path)
    this.#finishDirectory(path, entry)
  }

  #finishDirectory(path: string, entry: TarEntry): void {
    lchownSync(fsPath(path), entry.uid, entry.gid)
    chmodSync(fsPath(path), entry.mode)
    this.#setXattrs(path, entry)
    this.#directoryTimes.set(path, entry.mtimeNanos)
  }

  #whiteout(path: string, base: string): void {
    const directory = path.slice(0, -base.length - 1)
    if (base === opaqueMarker) setXattr(directory, 'trusted.overlay.opaque', Buffer.from('y'))
    if (base.startsWith(`${whiteoutPrefix}${whiteoutPrefix}`)) return // bookkeeping of aufs
    const hidden = base.slice(whiteoutPrefix.length)
    if (hidden === '' || hidden === '.' || hidden === '..')
      throw new EngineError('invalid', `invalid whiteout name: ${base}`)
    this.#remove(`${directory}/${hidden}`)
    makeNode(`${directory}/${hidden}`, 'character', 0)
  }

  #remove(path: string): void {
    rmSync(fsPath(path), { recursive: true, force: true })
    this.#directories.forget(path)
  }

  #setXattrs(path: string, entry: TarEntry): void {
    for (const [name, value] of entry.xattrs) {
      // overlay's own attributes would let a layer reach where it has no business
      if (/^(trusted|user)\.overlay\./.test(name)) continue
      try {
        setXattr(path, name, value)
      } catch (error) {
        if (!hasCode(error, 'ENOTSUP') && !hasCode(error, 'EOPNOTSUPP')) throw error
      }
    }
  }
}
