import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { formatNanos, nowNanos } from '../base/time.ts'
import type { LogSettings } from './protocol.ts'
import type { OutputName } from './streams.ts'

/** Longer lines become several entries, as in Docker. */
const maxLineBytes = 16 * 1024
const newline = 0x0a

interface Pending {
  chunks: Buffer[]
  length: number
  time: string | undefined
}

/**
 * Writes a container's output as Docker's json-file log: one JSON object a line, each with its moment.
 * A disk that is full loses lines, never the container; writing goes on by itself once there is space.
 */
export class LogWriter {
  readonly #settings: LogSettings
  readonly #tail: string
  readonly #pending: Record<OutputName, Pending> = {
    stdout: { chunks: [], length: 0, time: undefined },
    stderr: { chunks: [], length: 0, time: undefined },
  }
  #fd: number
  #size: number

  constructor(settings: LogSettings) {
    this.#settings = settings
    this.#tail =
      settings.attrs && Object.keys(settings.attrs).length ? `,"attrs":${JSON.stringify(settings.attrs)}` : ''
    this.#fd = openSync(settings.path, 'a', 0o640)
    this.#size = fstatSync(this.#fd).size
  }

  write(output: OutputName, chunk: Buffer): void {
    const time = formatNanos(nowNanos())
    const entries: string[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#take(output, chunk.subarray(start, end + 1), time, entries)
      start = end + 1
    }
    if (start < chunk.length) this.#take(output, chunk.subarray(start), time, entries)
    this.#append(entries)
  }

  /** Writes what has no newline yet, and closes the file. */
  close(): void {
    const entries: string[] = []
    for (const output of ['stdout', 'stderr'] as const) {
      const pending = this.#pending[output]
      if (pending.length) entries.push(this.#entry(output, this.#drain(pending), pending.time!))
    }
    this.#append(entries)
    closeSync(this.#fd)
  }

  /** Adds one piece that has at most one newline, at its end. */
  #take(output: OutputName, piece: Buffer, time: string, entries: string[]): void {
    const pending = this.#pending[output]
    const isWhole = piece.at(-1) === newline
    pending.time ??= time
    let rest = piece
    while (pending.length + rest.length > maxLineBytes + (isWhole ? 1 : 0)) {
      const room = maxLineBytes - pending.length
      pending.chunks.push(rest.subarray(0, room))
      entries.push(this.#entry(output, this.#drain(pending), pending.time))
      rest = rest.subarray(room)
    }
    pending.chunks.push(rest)
    pending.length += rest.length
    if (!isWhole) return
    entries.push(this.#entry(output, this.#drain(pending), pending.time))
    pending.time = undefined
  }

  #drain(pending: Pending): Buffer {
    const bytes = pending.chunks.length === 1 ? pending.chunks[0]! : Buffer.concat(pending.chunks)
    pending.chunks = []
    pending.length = 0
    return bytes
  }

  #entry(output: OutputName, bytes: Buffer, time: string): string {
    return `{"log":${JSON.stringify(bytes.toString('utf8'))},"stream":"${output}"${this.#tail},"time":"${time}"}\n`
  }

  /** As few writes as possible, but none that goes on after the file is full. */
  #append(entries: readonly string[]): void {
    const { maxSize = Number.POSITIVE_INFINITY } = this.#settings
    for (let start = 0; start < entries.length; ) {
      if (this.#size >= maxSize) this.#rotate()
      let end = start
      for (let size = this.#size; end < entries.length && size < maxSize; end++) size += entries[end]!.length
      this.#write(entries.slice(start, end).join(''))
      start = end
    }
  }

  #write(text: string): void {
    const bytes = Buffer.from(text)
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done)
      this.#size += bytes.length
    } catch {
      this.#size = fstatSync(this.#fd).size
    }
  }

  #rotate(): void {
    const { path, maxFiles = 1 } = this.#settings
    closeSync(this.#fd)
    if (maxFiles <= 1) rmSync(path, { force: true })
    for (let n = maxFiles - 1; n >= 1; n--) {
      for (const suffix of ['', '.gz'])
        this.#shift(n === 1 ? path : `${path}.${n - 1}${suffix}`, `${path}.${n}${n === 1 ? '' : suffix}`)
    }
    this.#fd = openSync(path, 'a', 0o640)
    this.#size = 0
  }

  #shift(from: string, to: string): void {
    try {
      renameSync(from, to)
    } catch {
      // a gap in the row of old files is no reason to lose new lines
    }
  }
}
