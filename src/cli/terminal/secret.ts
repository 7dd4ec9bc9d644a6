import { spawnSync } from 'node:child_process'
import type { Output } from '../output.ts'
import { readLine } from './confirm.ts'

/** Asks for something that the terminal must not show. */
export function readSecret(out: Output, question: string): string {
  const stty = (...args: string[]) =>
    spawnSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' })
  const before = stty('-g').stdout?.trim()
  const restore = () => void (before && stty(before))
  out.write(question)
  process.on('exit', restore)
  stty('-echo')
  try {
    return readLine() ?? ''
  } finally {
    restore()
    process.off('exit', restore)
    out.write('\n')
  }
}
