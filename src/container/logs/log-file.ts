import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'

const chunkBytes = 64 * 1024
const newline = 0x0a

/** The row of files of one log, oldest first. */
export async function logFiles(path: string): Promise<readonly string[]> {
  const base = basename(path)
  const names: readonly string[] = await readdir(dirname(path)).catch(() => [])
  const numbered = names.flatMap(name => {
    const match = name.startsWith(base) ? /^\.(\d+)(\.gz)?$/.exec(name.slice(base.length)) : null
    return match ? [{ name, number: Number(match[1]) }] : []
  })
  const old = numbered.toSorted((a, b) => b.number - a.number).map(({ name }) => join(dirname(path), name))
  return names.includes(base) ? [...old, path] : old
}

/** Where the last `count` lines of a file begin; also how many lines there were when it has fewer. */
async function tailOffset(
  file: FileHandle,
  count: number,
): Promise<{ readonly offset: number; readonly lines: number }> {
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let end = (await file.stat()).size
  let lines = 0
  const size = end
  while (end > 0) {
    const start = Math.max(0, end - chunkBytes)
    const { bytesRead } = await file.read(buffer, 0, end - start, start)
    for (let i = bytesRead - 1; i >= 0; i--) {
      if (buffer[i] !== newline || start + i === size - 1) continue
      if (++lines === count) return { offset: start + i + 1, lines }
    }
    end = start
  }
  return { offset: 0, lines: size > 0 ? lines + 1 : 0 }
}

/**
 * Opens a log file, also one that was compressed when it was full: into a file that has no name any more.
 */
export async function openLog(path: string): Promise<FileHandle> {
  if (!path.endsWith('.gz')) return open(path)
  const place = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(place, { mode: 0o600 }))
    return await open(place)
  } finally {
    await rm(place, { force: true })
  }
}

export interface Position {
  readonly path: string
  readonly offset: number
}

/** Files and offsets that hold the last `count` lines; everything when `count` is undefined. */
export async function startPositions(path: string, count: number | undefined): Promise<readonly Position[]> {
  const files = await logFiles(path)
  if (count === undefined) return files.map(file => ({ path: file, offset: 0 }))
  const positions: Position[] = []
  let missing = count
  for (const name of files.toReversed()) {
    if (missing <= 0) break
    await using file = await openLog(name)
    const { offset, lines } = await tailOffset(file, missing)
    positions.unshift({ path: name, offset })
    missing -= lines
  }
  return positions
}

/** Whole lines from `offset` to the end as it is now; `consumed` is told how far that was. */
export async function* readLines(
  file: FileHandle,
  offset: number,
  consumed: (offset: number) => void,
): AsyncGenerator<readonly string[]> {
  let position = offset
  let rest = Buffer.alloc(0)
  for (;;) {
    const buffer = Buffer.allocUnsafe(chunkBytes)
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, position)
    if (bytesRead === 0) return
    position += bytesRead
    const bytes = rest.length ? Buffer.concat([rest, buffer.subarray(0, bytesRead)]) : buffer.subarray(0, bytesRead)
    const end = bytes.lastIndexOf(newline)
    rest = bytes.subarray(end + 1)
    consumed(position - rest.length)
    if (end >= 0) yield bytes.toString('utf8', 0, end).split('\n')
  }
}
