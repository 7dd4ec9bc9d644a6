import { readSync } from 'node:fs'
import { hasCode } from '../../base/errors.ts'
import type { Output } from '../output.ts'
import { withoutHandlers } from './interrupt.ts'

/** The next byte of standard input, undefined at its end; waits for it. */
export function readByte(): number | undefined {
  const byte = Buffer.alloc(1)
  for (;;) {
    try {
      return readSync(0, byte, 0, 1, null) === 0 ? undefined : byte[0]!
    } catch (error) {
      if (hasCode(error, 'EOF')) return undefined
      if (!hasCode(error, 'EAGAIN')) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** One line of standard input, undefined at its end. */
export function readLine(): string | undefined {
  using _default = withoutHandlers()
  const bytes: number[] = []
  for (;;) {
    const byte = readByte()
    if (byte === undefined) return bytes.length ? Buffer.from(bytes).toString() : undefined
    if (byte === 10) return Buffer.from(bytes).toString()
    bytes.push(byte)
  }
}

/** Asks until there is a line; only `y` is yes. */
export function confirm(out: Output, question: string): boolean {
  out.write(`${question} [y/N] `)
  return readLine()?.trim().toLowerCase() === 'y'
}
