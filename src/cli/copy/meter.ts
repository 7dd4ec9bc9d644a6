import { formatSize } from '../../base/size.ts'
import type { Output } from '../output.ts'

export interface CopyMeter {
  add(count: number): void
  bytes(): number
  /** takes the line away again */
  stop(): void
}

/** Counts bytes and, on a terminal, shows them in one line that is gone at the end. */
export function copyMeter(out: Output, isQuiet: boolean, title: string): CopyMeter {
  let bytes = 0
  const draw = () => out.write(`\r\x1b[2K${title} - ${formatSize(bytes, 3)}`)
  const isShown = !isQuiet && out.isTerminal
  const timer = isShown ? setInterval(draw, 100) : undefined
  if (isShown) draw()
  return {
    add: count => void (bytes += count),
    bytes: () => bytes,
    stop() {
      clearInterval(timer)
      if (isShown) out.write('\r\x1b[2K')
    },
  }
}
