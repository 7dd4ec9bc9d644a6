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

/** What is known of a file that was received: equal means that its content need not be sent again. */
export const fingerprint = ({ mode, uid, gid, size, modTimeNanos, linkName }: FileStat): string =>
  [mode, uid, gid, isDirectory({ mode } as FileStat) ? 0 : size, modTimeNanos, linkName].join(' ')

/**
 * Makes a directory the same as the client's: what is there already with the same fingerprint stays, what the client
 * does not name goes. Nothing is written outside, whatever the client names.
 */
export class DirectoryReceiver implements DirectorySink {
  readonly files = new Map<string, string>()
  /** bytes of content that came */
  received = 0
  readonly #root: string
  readonly #known: ReadonlyMap<string, string>
  readonly #directories = new Map<string, FileStat | undefined>([['.', undefined]])
  readonly #open = new Map<string, { fd: number; readonly stat: FileStat }>()
  readonly #stats = new Map<string, FileStat>()

  constructor(root: string, known: ReadonlyMap<string, string>) {
    this.#root = root
    this.#known = known
  }

  entry(stat: FileStat): boolean {
    const { path } = stat
    this.#check(path)
    const print = fingerprint(stat)
    const isKnown = this.#known.get(path) === print
    this.files.set(path, print)
    const target = `${this.#root}/${path}`
    if (isDirectory(stat)) {
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
    else if (stat.linkName !== '') this.#link(stat, target)
    else if (stat.mode & goSpecial) this.files.delete(path)
    else {
      this.#stats.set(path, stat)
      return true
    }
    return false
  }

  #check(path: string): void {
    const isClean = path !== '' && path !== '..' && posix.normalize(path) === path && !/^(\/|\.\.\/)|\0/.test(path)
    if (!isClean || !this.#directories.has(posix.dirname(path)))
      throw new EngineError('invalid', `the client sent a file with a bad path: ${JSON.stringify(path)}`)
  }

  #symlink({ linkName, modTimeNanos }: FileStat, target: string): void {
    symlinkSync(linkName, target)
    const seconds = Number(modTimeNanos) / 1e9
    lutimesSync(target, seconds, seconds)
  }

  #link({ linkName }: FileStat, target: string): void {
    if (!this.files.has(posix.normalize(linkName)))
      throw new EngineError('invalid', `the client sent a hard link to what it did not send: ${linkName}`)
    linkSync(`${this.#root}/${posix.normalize(linkName)}`, target)
  }

  data(path: string, chunk: Uint8Array): void {
    this.received += chunk.length
    const { fd } = this.#file(path)
    for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
  }

  end(path: string): void {
    const { fd, stat } = this.#file(path)
    fchmodSync(fd, permissions(stat.mode))
    const seconds = Number(stat.modTimeNanos) / 1e9
    futimesSync(fd, seconds, seconds)
    closeSync(fd)
    this.#open.delete(path)
  }

  #file(path: string) {
    const found = this.#open.get(path)
    if (found) return found
    const opened = { fd: openSync(`${this.#root}/${path}`, 'wx', 0o600), stat: this.#stats.get(path)! }
    this.#open.set(path, opened)
    this.#stats.delete(path)
    return opened
  }

  /** Everything came: what is not there any more goes, and directories get their modes and times. */
  finish(): void {
    for (const path of this.#known.keys())
      if (!this.files.has(path)) rmSync(`${this.#root}/${path}`, { recursive: true, force: true })
    for (const [path, stat] of [...this.#directories].reverse()) {
      if (!stat) continue
      chmodSync(`${this.#root}/${path}`, permissions(stat.mode))
      const seconds = Number(stat.modTimeNanos) / 1e9
      utimesSync(`${this.#root}/${path}`, seconds, seconds)
    }
  }

  /** Closes what was left open by a client that went away. */
  abandon(): void {
    for (const { fd } of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }
}
