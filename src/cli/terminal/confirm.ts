import { readSync } from 'node:fs'
import { hasCode } from '../../base/errors.ts'
import type { Output } from '../output.ts'

/** One line of standard input, undefined at its end. */
export function readLine(): string | undefined {
  const byte = Buffer.alloc(1)
  const bytes: number[] = []
  for (;;) {
    let count = 0
    try {
      count = readSync(0, byte, 0, 1, null)
    } catch (error) {
      if (hasCode(error, 'EAGAIN')) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
        continue
      }
      if (!hasCode(error, 'EOF')) throw error
    }
    if (count === 0) return bytes.length ? Buffer.from(bytes).toString() : undefined
    if (byte[0] === 10) return Buffer.from(bytes).toString()
    bytes.push(byte[0]!)
  }
}

/** Asks until there is a line; only `y` is yes. */
export function confirm(out: Output, question: string): boolean {
  out.write(`${question} [y/N] `)
  return readLine()?.trim().toLowerCase() === 'y'
}
