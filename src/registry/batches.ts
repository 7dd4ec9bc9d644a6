import type { Readable } from 'node:stream'
import { OciError } from './errors.ts'

/**
 * Joins the small chunks of a socket: the disk and the hash like large ones. What came before a failure is given first.
 *
 * @param bytes how much to gather, asked again with each chunk
 */
export async function* batches(source: Readable, bytes: () => number): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of unbroken(source)) {
      chunks.push(chunk)
      size += chunk.length
      if (size < bytes()) continue
      const full = chunks
      chunks = []
      size = 0
      yield Buffer.concat(full)
    }
  } catch (error) {
    if (size > 0) yield Buffer.concat(chunks)
    throw error
  }
  if (size > 0) yield chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** Leaving the loop early does not cut the connection, on which the refusal has yet to go out. */
export const unbroken = (source: Readable): AsyncIterable<Buffer> => source.iterator({ destroyOnReturn: false })

/** All of a body that may not be large. @throws OciError `SIZE_INVALID` */
export async function readBody(source: Readable, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of unbroken(source)) {
    size += chunk.length
    if (size > limit) throw new OciError('SIZE_INVALID', `at most ${limit} bytes`, { status: 413 })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
