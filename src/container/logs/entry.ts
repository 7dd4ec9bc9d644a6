import { parseNanos } from '../../base/time.ts'

/** One entry of Docker's json-file log. */
export interface LogEntry {
  readonly log: string
  readonly stream: 'stdout' | 'stderr'
  readonly time: string
  readonly attrs?: Readonly<Record<string, string>>
}

/** undefined for what is no entry: a torn line at the end after a power cut, say. */
function parseEntry(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry
  } catch {
    return undefined
  }
}

/** The entries of these lines, parsed together: one by one takes twice as long. */
export function parseEntries(lines: readonly string[]): readonly LogEntry[] {
  try {
    return JSON.parse(`[${lines.join(',')}]`) as LogEntry[]
  } catch {
    return lines.map(parseEntry).filter(entry => entry !== undefined)
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

const headerBytes = 8

function textOf(entry: LogEntry, { details, timestamps }: LogView): string {
  const more = details ? `${encodeAttrs(entry.attrs)} ` : ''
  return timestamps ? `${nineDigits(entry.time)} ${more}${entry.log}` : more + entry.log
}

/** Entries as the client gets them: raw with a terminal, else a stdcopy frame each. */
export function encodeEntries(entries: readonly LogEntry[], view: LogView): Buffer {
  const header = view.tty ? 0 : headerBytes
  const texts = entries.map(entry => textOf(entry, view))
  const all = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + header + Buffer.byteLength(text), 0))
  let at = 0
  for (const [i, text] of texts.entries()) {
    const length = all.write(text, at + header)
    if (header > 0) {
      all.fill(0, at, at + header)
      all[at] = entries[i]!.stream === 'stdout' ? 1 : 2
      all.writeUInt32BE(length, at + 4)
    }
    at += header + length
  }
  return all
}
