import { parseNanos } from '../../base/time.ts'

/** One entry of Docker's json-file log. */
export interface LogEntry {
  readonly log: string
  readonly stream: 'stdout' | 'stderr'
  readonly time: string
  readonly attrs?: Readonly<Record<string, string>>
}

/** undefined for what is no entry: a torn line at the end after a power cut, say. */
export function parseEntry(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry
  } catch {
    return undefined
  }
}

export interface LogView {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly timestamps: boolean
  readonly details: boolean
  readonly tty: boolean
}

const nineDigits = (time: string): string => {
  const nanos = parseNanos(time) ?? 0n
  return `${time.slice(0, 19)}.${(nanos % 1_000_000_000n).toString().padStart(9, '0')}Z`
}

const reserved = /[!'()*]/g

/** As Go escapes what stands in a query. */
const escapeQuery = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(reserved, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

const encodeAttrs = (attrs: LogEntry['attrs']): string =>
  Object.entries(attrs ?? {})
    .toSorted()
    .map(([key, value]) => `${escapeQuery(key)}=${escapeQuery(value)}`)
    .join(',')

/** The entry as the client gets it: raw with a terminal, else one stdcopy frame. */
export function encodeEntry(entry: LogEntry, view: LogView): Buffer {
  const details = view.details ? `${encodeAttrs(entry.attrs)} ` : ''
  const text = Buffer.from(`${view.timestamps ? `${nineDigits(entry.time)} ` : ''}${details}${entry.log}`)
  if (view.tty) return text
  const frame = Buffer.allocUnsafe(text.length + 8)
  frame.fill(0, 0, 8)
  frame[0] = entry.stream === 'stdout' ? 1 : 2
  frame.writeUInt32BE(text.length, 4)
  text.copy(frame, 8)
  return frame
}
