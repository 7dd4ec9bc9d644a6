import { formatSize } from '../../base/size.ts'
import type { ProgressMessage } from '../../spec/engine-api/engine.ts'
import type { Output } from '../output.ts'

const barWidth = 50

/** `[==>  ]  1.2MB/3MB`, as wide as the window allows; empty while nothing is known. */
export function formatProgress(
  { current = 0, hidecounts, total = 0 }: NonNullable<ProgressMessage['progressDetail']>,
  columns: number,
): string {
  if (current <= 0 && total <= 0) return ''
  const done = formatSize(current).padStart(8)
  if (total <= 0) return done
  const filled = Math.min(barWidth, Math.floor(Math.floor((current / total) * 100) / 2))
  const bar = columns > 110 ? `[${'='.repeat(filled)}>${' '.repeat(barWidth - filled)}] ` : ''
  if (hidecounts) return bar
  return `${bar}${current > total ? done : `${done}/${formatSize(total)}`}`
}

/** Prints progress: on a terminal one line for each id that is redrawn in place, else each status once. */
export function progressPrinter(out: Output): (message: ProgressMessage) => void {
  const rows = new Map<string, number>()

  function redraw(id: string, text: string): void {
    const isNew = !rows.has(id)
    if (isNew) rows.set(id, rows.size)
    const up = rows.size - rows.get(id)!
    out.write(`${isNew ? '\n' : ''}\x1b[${up}A\x1b[2K\r${text}\r\x1b[${up}B`)
  }

  return ({ aux, id = '', progressDetail, status = '', stream }) => {
    if (aux !== undefined) return
    const progress = progressDetail && formatProgress(progressDetail, out.isTerminal ? out.columns : 200)
    const label = id ? `${id}: ` : ''
    if (progress !== undefined && id && out.isTerminal) return redraw(id, `${label}${status} ${progress}`)
    if (!progressDetail) rows.clear()
    if (progress) return
    if (stream) out.write(`${label}${stream}`)
    else out.line(`${label}${status}`)
  }
}
