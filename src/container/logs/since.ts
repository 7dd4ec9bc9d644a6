import type { FileHandle } from 'node:fs/promises'
import { parseNanos } from '../../base/time.ts'
import { openLog, type Position } from './log-file.ts'

const newline = 0x0a
/** longer than any entry: lines have at most 16 KiB, each byte at most six characters of JSON */
const maxEntryBytes = 128 * 1024
/** parts of a long line are as old as its first part: this much before the place found is read again */
const slackBytes = 64 * 1024

/** The moment of the first whole entry after `offset`; undefined when there is none. */
async function timeAfter(file: FileHandle, offset: number): Promise<bigint | undefined> {
  const buffer = Buffer.allocUnsafe(2 * maxEntryBytes)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
  const start = offset === 0 ? 0 : buffer.subarray(0, bytesRead).indexOf(newline) + 1
  if (offset > 0 && start === 0) return undefined
  const end = buffer.subarray(0, bytesRead).indexOf(newline, start)
  if (end < 0) return undefined
  const match = /"time":"([^"]+)"\}$/.exec(buffer.toString('utf8', start, end))
  return match ? parseNanos(match[1]!) : undefined
}

/** Somewhere before the first entry that is not older than `moment`, found by halving: entries stand in order of time. */
async function offsetOf(file: FileHandle, moment: bigint): Promise<number> {
  let low = 0
  let high = (await file.stat()).size
  while (high - low > slackBytes) {
    const middle = Math.floor((low + high) / 2)
    const time = await timeAfter(file, middle)
    if (time === undefined || time >= moment) high = middle
    else low = middle
  }
  return Math.max(0, low - slackBytes)
}

/** The beginning of the line at or after `offset`. */
async function lineStart(file: FileHandle, offset: number): Promise<number> {
  if (offset === 0) return 0
  const buffer = Buffer.allocUnsafe(maxEntryBytes)
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
  return offset + buffer.subarray(0, bytesRead).indexOf(newline) + 1
}

/** `positions` without what is certainly older than `moment`: a log of any size is not read but looked up. */
export async function since(positions: readonly Position[], moment: bigint | undefined): Promise<readonly Position[]> {
  if (moment === undefined) return positions
  const found: Position[] = []
  for (const [i, position] of positions.entries()) {
    await using file = await openLog(position.path)
    const { mtimeNs } = await file.stat({ bigint: true })
    const isLast = i === positions.length - 1
    if (!isLast && !position.path.endsWith('.gz') && mtimeNs < moment) continue
    const offset = await lineStart(file, await offsetOf(file, moment))
    found.push({ path: position.path, offset: Math.max(offset, position.offset) })
  }
  return found
}
