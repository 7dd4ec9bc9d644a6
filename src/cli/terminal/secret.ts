import { spawnSync } from 'node:child_process'
import type { Output } from '../output.ts'
import { readByte } from './confirm.ts'

const interrupt = 3
const endOfInput = 4
const eraseLine = 21
const erasers = [8, 127]

const withoutLast = (text: string): Buffer => Buffer.from([...text].slice(0, -1).join(''))

/** A line typed in silence; undefined when Ctrl-C was typed instead. */
function typedLine(): string | undefined {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const byte = readByte()
    if (byte === interrupt) return undefined
    if (byte === undefined || byte === 10 || byte === 13 || byte === endOfInput) return bytes.toString()
    if (erasers.includes(byte)) bytes = withoutLast(bytes.toString())
    else bytes = byte === eraseLine ? Buffer.alloc(0) : Buffer.concat([bytes, Buffer.from([byte])])
  }
}

/** Asks for something that the terminal must not show. */
export function readSecret(out: Output, question: string): string {
  const stty = (...args: string[]) =>
    spawnSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' })
  const before = stty('-g').stdout?.trim()
  const restore = () => void (before && stty(before))
  out.write(question)
  process.on('exit', restore)
  // without signals: Ctrl-C would end us before the echo is back
  stty('-echo', '-icanon', '-isig', 'min', '1')
  try {
    const line = typedLine()
    if (line === undefined) process.exit(130)
    return line
  } finally {
    restore()
    process.off('exit', restore)
    out.write('\n')
  }
}
