import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { formatNanos } from '../../base/time.ts'
import type { FileLogSettings } from '../protocol.ts'
import type { LogEntry } from './line-splitter.ts'

/** characters of a line that is no longer in bytes than one entry may be, whatever they are */
const safeLength = 4096

/**
 * Docker's json-file log: one JSON object a line, each with its moment.
 * A disk that is full loses lines, never the container; writing goes on by itself once there is space.
 */
export class FileLog {
  readonly #settings: FileLogSettings
  readonly #tail: string
  #fd: number
  #size: number

  constructor(settings: FileLogSettings) {
    this.#settings = settings
    this.#tail =
      settings.attrs && Object.keys(settings.attrs).length ? `,"attrs":${JSON.stringify(settings.attrs)}` : ''
    this.#fd = openSync(settings.path, 'a', 0o640)
    this.#size = fstatSync(this.#fd).size
  }

  /** As few writes as possible, but none that goes on after the file is full. */
  write(entries: readonly LogEntry[]): void {
    const { maxSize = Number.POSITIVE_INFINITY } = this.#settings
    const lines = entries.map(entry => this.#line(entry))
    for (let start = 0; start < lines.length; ) {
      if (this.#size >= maxSize) this.#rotate()
      let end = start
      for (let size = this.#size; end < lines.length && size < maxSize; end++) size += lines[end]!.length
      this.#append(Buffer.from(lines.slice(start, end).join('')))
      start = end
    }
  }

  /**
   * Writes lines that came at one moment, `block` ending with the last one's newline, at a fraction of what `write` takes.
   *
   * @returns false when nothing was written, as `write` has to look at each of them
   */
  writeBlock(output: LogEntry['output'], block: Buffer, nanos: bigint): boolean {
    const text = block.toString('utf8')
    if (text.includes('\\')) return false // it could not be told from the newlines' own
    const lines = JSON.stringify(text).slice(1, -'\\n"'.length).split('\\n')
    if (lines.some(line => line.length > safeLength)) return false
    const end = `\\n","stream":"${output}"${this.#tail},"time":"${formatNanos(nanos)}"}\n`
    const bytes = Buffer.from(`{"log":"${lines.join(`${end}{"log":"`)}${end}`)
    if (this.#size + bytes.length > (this.#settings.maxSize ?? Number.POSITIVE_INFINITY)) return false
    this.#append(bytes)
    return true
  }

  close(): void {
    closeSync(this.#fd)
  }

  #line({ output, bytes, nanos, endsInNewline }: LogEntry): string {
    const text = bytes.toString('utf8') + (endsInNewline ? '\n' : '')
    return `{"log":${JSON.stringify(text)},"stream":"${output}"${this.#tail},"time":"${formatNanos(nanos)}"}\n`
  }

  #append(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done)
      this.#size += bytes.length
    } catch {
      this.#size = fstatSync(this.#fd).size
    }
  }

  #rotate(): void {
    const { path, maxFiles = 1, compress = false } = this.#settings
    closeSync(this.#fd)
    if (maxFiles <= 1) rmSync(path, { force: true })
    for (let n = maxFiles - 1; n >= 2; n--)
      for (const suffix of ['', '.gz']) shift(`${path}.${n - 1}${suffix}`, `${path}.${n}${suffix}`)
    if (maxFiles > 1) shift(path, `${path}.1`)
    this.#fd = openSync(path, 'a', 0o640)
    this.#size = 0
    if (compress && maxFiles > 1) compressFile(`${path}.1`).catch(() => {}) // it stays as it is, then
  }
}

function shift(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch {
    // a gap in the row of old files is no reason to lose new lines
  }
}

/** A log that fills faster than it can be compressed moves on meanwhile: that file stays as it is. */
async function compressFile(path: string): Promise<void> {
  const { ino } = statSync(path)
  const whole = `${path}.gz.${ino}`
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(whole, { mode: 0o640 }))
    if (statSync(path).ino !== ino) return
    renameSync(whole, `${path}.gz`)
    rmSync(path)
  } finally {
    rmSync(whole, { force: true })
  }
}
