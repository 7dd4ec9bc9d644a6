import type { OutputName } from '../streams.ts'

/** Lines of this many bytes become several entries, as in Docker: the last may hold nothing but the newline. */
const maxLineBytes = 16 * 1024
const newline = 0x0a

/** One line of a container's output, or a part of a long one. */
export interface LogEntry {
  readonly output: OutputName
  /** without the newline */
  readonly bytes: Buffer
  /** false for all parts of a long line but its last */
  readonly isWhole: boolean
  /** nanoseconds since 1970; all parts of a line have that of the first */
  readonly nanos: bigint
  readonly endsInNewline: boolean
}

interface Pending {
  chunks: Buffer[]
  length: number
  /** of the first part, once there is one */
  nanos: bigint | undefined
}

/** Cuts what arrives into lines; one for each log. */
export class LineSplitter {
  readonly #pending: Record<OutputName, Pending> = {
    stdout: { chunks: [], length: 0, nanos: undefined },
    stderr: { chunks: [], length: 0, nanos: undefined },
  }

  split(output: OutputName, chunk: Buffer, nanos: bigint): readonly LogEntry[] {
    const entries: LogEntry[] = []
    let start = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#take(output, chunk.subarray(start, end), nanos, entries)
      entries.push(this.#end(output, nanos, true))
      start = end + 1
    }
    if (start < chunk.length) this.#take(output, chunk.subarray(start), nanos, entries)
    return entries
  }

  /** Where in the chunk lines begin and end that have nothing to do with what came before or is still to come. */
  wholeLines(output: OutputName, chunk: Buffer): { readonly start: number; readonly end: number } {
    const { length, nanos } = this.#pending[output]
    const isFree = length === 0 && nanos === undefined
    const start = isFree ? 0 : chunk.indexOf(newline) + 1
    const end = chunk.lastIndexOf(newline) + 1
    return end > start && (isFree || start > 0) ? { start, end } : { start: 0, end: 0 }
  }

  /** What has no newline yet, at the end of the output. */
  rest(nanos: bigint): readonly LogEntry[] {
    return (['stdout', 'stderr'] as const)
      .filter(output => this.#pending[output].length > 0)
      .map(output => this.#end(output, nanos, false))
  }

  #take(output: OutputName, piece: Buffer, nanos: bigint, entries: LogEntry[]): void {
    const pending = this.#pending[output]
    let rest = piece
    while (pending.length + rest.length >= maxLineBytes) {
      const room = maxLineBytes - pending.length
      pending.chunks.push(rest.subarray(0, room))
      pending.nanos ??= nanos
      entries.push({ output, bytes: drain(pending), isWhole: false, nanos: pending.nanos, endsInNewline: false })
      rest = rest.subarray(room)
    }
    if (rest.length === 0) return
    pending.chunks.push(rest)
    pending.length += rest.length
  }

  #end(output: OutputName, nanos: bigint, endsInNewline: boolean): LogEntry {
    const pending = this.#pending[output]
    const entry = { output, bytes: drain(pending), isWhole: true, nanos: pending.nanos ?? nanos, endsInNewline }
    pending.nanos = undefined
    return entry
  }
}

function drain(pending: Pending): Buffer {
  const bytes = pending.chunks.length === 1 ? pending.chunks[0]! : Buffer.concat(pending.chunks)
  pending.chunks = []
  pending.length = 0
  return bytes
}
