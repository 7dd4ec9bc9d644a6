import { writeSync } from 'node:fs'
import { hasCode } from '../base/errors.ts'

/** Where a command prints. Writing is synchronous, so nothing is lost when the process ends. */
export interface Output {
  readonly isTerminal: boolean
  readonly columns: number
  readonly rows: number
  write(text: string | Uint8Array): void
  /** `text` and a newline */
  line(text: string): void
}

const pause = new Int32Array(new SharedArrayBuffer(4))

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      if (hasCode(error, 'EPIPE')) process.exit(141) // as a program that SIGPIPE ends
      if (!hasCode(error, 'EAGAIN')) throw error
      Atomics.wait(pause, 0, 0, 2)
    }
  }
}

class FdOutput implements Output {
  readonly #fd: 1 | 2
  #terminal: boolean | undefined

  constructor(fd: 1 | 2) {
    this.#fd = fd
  }

  get #stream(): NodeJS.WriteStream {
    return this.#fd === 1 ? process.stdout : process.stderr
  }

  get isTerminal(): boolean {
    this.#terminal ??= this.#stream.isTTY === true
    return this.#terminal
  }

  get columns(): number {
    return (this.isTerminal && this.#stream.columns) || 80
  }

  get rows(): number {
    return (this.isTerminal && this.#stream.rows) || 24
  }

  write(text: string | Uint8Array): void {
    writeAll(this.#fd, typeof text === 'string' ? Buffer.from(text) : text)
  }

  line(text: string): void {
    this.write(`${text}\n`)
  }
}

export const stdout: Output = new FdOutput(1)
export const stderr: Output = new FdOutput(2)
