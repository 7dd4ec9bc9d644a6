import { type FileHandle, open } from 'node:fs/promises'
import type { Writable } from 'node:stream'

/** Memory for all copies together: one alone gets large buffers, many at once small ones. */
const allBytes = 16 << 20
const [leastBytes, mostBytes] = [64 << 10, 256 << 10]
let copying = 0

const bufferBytes = (): number => Math.max(leastBytes, Math.min(mostBytes, Math.floor(allBytes / copying / 2)))

/**
 * Writes the bytes from `start` up to `end` of a file to `out`, without ending it.
 *
 * Two buffers take turns, one being read while the other is written: a stream of fresh buffers is less than half as
 * fast, since the kernel has to clear the memory of each.
 */
export async function copyFile(path: string, out: Writable, start: number, end: number): Promise<void> {
  await using file = await open(path)
  copying++
  using _place = { [Symbol.dispose]: () => void copying-- }
  const size = Math.min(bufferBytes(), Math.max(1, end - start))
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(size))
  const written: Promise<void>[] = []
  for (let [turn, position] = [0, start]; position < end; turn ^= 1) {
    await written[turn]
    const chunk = await readChunk(file, buffers[turn]!, position, end)
    position += chunk.length
    written[turn] = write(out, chunk)
    written[turn]?.catch(() => {}) // asked for again below
  }
  await Promise.all(written)
}

async function readChunk(file: FileHandle, buffer: Buffer, position: number, end: number): Promise<Buffer> {
  const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position)
  if (bytesRead === 0) throw new Error('unexpected end of file')
  return buffer.subarray(0, bytesRead)
}

const write = (out: Writable, chunk: Buffer) =>
  new Promise<void>((resolve, reject) => out.write(chunk, error => (error ? reject(error) : resolve())))
