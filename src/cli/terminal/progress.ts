import { formatSize } from '../../base/size.ts'
import type { ProgressMessage } from '../../spec/engine-api/engine.ts'
import type { Output } from '../output.ts'

function bar({ current = 0, total = 0 }: { current?: number; total?: number }, columns: number): string {
  if (total <= 0) return formatSize(current)
  const percent = Math.min(50, Math.floor((current / total) * 50))
  const drawn = columns > 110 ? `[${'='.repeat(percent)}>${' '.repeat(50 - percent)}] ` : ''
  return `${drawn}${formatSize(current).padStart(8)}/${formatSize(total)}`
}

/** Prints progress: on a terminal one line for each id that is redrawn in place, else each status once. */
export function progressPrinter(out: Output): (message: ProgressMessage) => void {
  const lines = new Map<string, number>()
  return ({ id, progressDetail, status, stream }) => {
    if (stream !== undefined) return out.write(stream)
    if (status === undefined) return
    const hasDetail = progressDetail !== undefined && (progressDetail.current ?? 0) > 0
    if (!out.isTerminal) {
      if (!hasDetail) out.line(id ? `${id}: ${status}` : status)
      return
    }
    const text = `${id ? `${id}: ` : ''}${status}${hasDetail ? ` ${bar(progressDetail, out.columns)}` : ''}`
    if (!id || progressDetail === undefined) {
      lines.clear()
      return out.line(text)
    }
    const known = lines.get(id)
    const row = known ?? lines.size
    const up = lines.size - row
    if (known === undefined) {
      lines.set(id, row)
      out.write(`${text}\n`)
    } else out.write(`\x1b[${up}A\x1b[2K\r${text}\x1b[${up}B\r`)
  }
}
