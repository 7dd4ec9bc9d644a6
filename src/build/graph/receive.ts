import { createHash, type Hash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { DirectorySink, FileStat } from '../../spec/engine-api/solver.ts'

const goDirectory = 2 ** 31
const goSymlink = 2 ** 27
const goSpecial = 2 ** 26 + 2 ** 25 + 2 ** 24
const hasBit = (mode: number, bit: number): boolean => Math.floor(mode / bit) % 2 === 1
const isDirectory = ({ mode }: FileStat): boolean => hasBit(mode, goDirectory)
const isSymlink = ({ mode }: FileStat): boolean => hasBit(mode, goSymlink)

/** Permission bits as Linux has them. */
export const permissions = (mode: number): number =>
  (mode & 0o777) | (mode & (1 << 23) ? 0o4000 : 0) | (mode & (1 << 22) ? 0o2000 : 0) | (mode & (1 << 20) ? 0o1000 : 0)

/** Equal ones mean that a file that was received need not be sent again. */
export const fingerprint = ({ mode, uid, gid, size, modTimeNanos, linkName }: FileStat): string =>
  [mode, uid, gid, isDirectory({ mode } as FileStat) ? 0 : size, modTimeNanos, linkName].join(' ')

/** What is kept of a file that was received. */
export interface ReceivedFile {
  readonly print: string
  /** as it is on disk, with its kind */
  readonly mode: number
  /** of a symbolic link */
  readonly link: string
  /** of the content, in hex; empty for what has none */
  readonly content: string
}

const S_IFDIR = 0o040000
const S_IFLNK = 0o120000
const S_IFREG = 0o100000
const emptyContent = createHash('sha256').digest('hex')

function toFile({ mode, linkName }: FileStat, print: string): ReceivedFile {
  const kind = hasBit(mode, goDirectory) ? S_IFDIR : hasBit(mode, goSymlink) ? S_IFLNK : S_IFREG
  const bits = kind === S_IFLNK ? 0o777 : permissions(mode)
  return { print, mode: kind | bits, link: kind === S_IFLNK ? linkName : '', content: '' }
}

/**
 * Makes a directory the same as the client's: what is there already with the same fingerprint stays, what the client
 * does not name goes. Nothing is written outside, whatever the client names.
 */
export class DirectoryReceiver implements DirectorySink {
  readonly files = new Map<string, ReceivedFile>()
  /** bytes of content that came */
  received = 0
  readonly #root: string
  readonly #known: ReadonlyMap<string, ReceivedFile>
  readonly #seconds: number | undefined
  readonly #directories = new Map<string, FileStat | undefined>([['.', undefined]])
  readonly #open = new Map<string, { fd: number; readonly stat: FileStat; readonly hash: Hash }>()
  readonly #stats = new Map<string, FileStat>()

  /** something is not as it was */
  hasChanged = false

  /** @param seconds the time that files get instead of the client's */
  constructor(root: string, known: ReadonlyMap<string, ReceivedFile>, seconds: number | undefined) {
    this.#root = root
    this.#known = known
    this.#seconds = seconds
  }

  entry(stat: FileStat): boolean {
    const { path } = stat
    this.#check(path)
    const print = fingerprint(stat)
    const known = this.#known.get(path)
    const isKnown = known?.print === print
    const file = isKnown ? known : toFile(stat, print)
    this.files.set(path, file)
    const target = `${this.#root}/${path}`
    if (!isKnown) this.#change()
    if (isDirectory(stat)) {
      if (isKnown) this.#directories.set(path, undefined)
      if (isKnown) return false
      if (!lstatSync(target, { throwIfNoEntry: false })?.isDirectory()) {
        rmSync(target, { force: true })
        mkdirSync(target, { mode: 0o700 })
      }
      this.#directories.set(path, stat)
      return false
    }
    if (isKnown) return false
    rmSync(target, { recursive: true, force: true })
    if (isSymlink(stat)) this.#symlink(stat, target)
    else if (stat.linkName !== '') this.#link(stat, target, file)
    else if (stat.mode & goSpecial) this.files.delete(path)
    else {
      this.#stats.set(path, stat)
      return true
    }
    return false
  }

  #change(): void {
    if (!this.hasChanged) this.onChange()
    this.hasChanged = true
  }

  /** called before anything is changed */
  onChange: () => void = () => {}

  #timeOf({ modTimeNanos }: FileStat): number {
    return this.#seconds ?? Number(modTimeNanos) / 1e9
  }

  #check(path: string): void {
    const isClean = path !== '' && path !== '..' && posix.normalize(path) === path && !/^(\/|\.\.\/)|\0/.test(path)
    if (!isClean || !this.#directories.has(posix.dirname(path)))
      throw new EngineError('invalid', `the client sent a file with a bad path: ${JSON.stringify(path)}`)
  }

  #symlink(stat: FileStat, target: string): void {
    symlinkSync(stat.linkName, target)
    const seconds = this.#timeOf(stat)
    lutimesSync(target, seconds, seconds)
  }

  #link({ path, linkName }: FileStat, target: string, file: ReceivedFile): void {
    const first = this.files.get(posix.normalize(linkName))
    if (!first) throw new EngineError('invalid', `the client sent a hard link to what it did not send: ${linkName}`)
    linkSync(`${this.#root}/${posix.normalize(linkName)}`, target)
    // its content may still be on its way: not known here
    this.files.set(path, { ...file, content: '' })
  }

  data(path: string, chunk: Uint8Array): void {
    this.received += chunk.length
    const { fd, hash } = this.#file(path)
    hash.update(chunk)
    for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
  }

  end(path: string): void {
    const { fd, stat, hash } = this.#file(path)
    const content = stat.size === 0 ? emptyContent : hash.digest('hex')
    this.files.set(path, { ...this.files.get(path)!, content })
    fchmodSync(fd, permissions(stat.mode))
    const seconds = this.#timeOf(stat)
    futimesSync(fd, seconds, seconds)
    closeSync(fd)
    this.#open.delete(path)
  }

  #file(path: string) {
    const found = this.#open.get(path)
    if (found) return found
    const opened = {
      fd: openSync(`${this.#root}/${path}`, 'wx', 0o600),
      stat: this.#stats.get(path)!,
      hash: createHash('sha256'),
    }
    this.#open.set(path, opened)
    this.#stats.delete(path)
    return opened
  }

  /** Everything came: what is not there any more goes, and directories get their modes and times. */
  finish(): void {
    for (const path of this.#known.keys())
      if (!this.files.has(path)) {
        this.#change()
        rmSync(`${this.#root}/${path}`, { recursive: true, force: true })
      }
    for (const [path, stat] of [...this.#directories].reverse()) {
      if (!stat) continue
      chmodSync(`${this.#root}/${path}`, permissions(stat.mode))
      const seconds = this.#timeOf(stat)
      utimesSync(`${this.#root}/${path}`, seconds, seconds)
    }
  }

  /** Closes what was left open by a client that went away. */
  abandon(): void {
    for (const { fd } of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }
}
