import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Digest } from '../spec/digest.ts'
import type { Context } from './request.ts'

export interface Scrubbed {
  readonly blobs: number
  readonly bytes: number
  readonly damaged: readonly Digest[]
}

/**
 * Reads every blob and hashes it. Damaged ones are taken away, so that they are missing instead of wrong: clients push
 * them again, a cache fetches them again. Manifests stay, and say what is missing.
 *
 * @param bytesPerSecond so as not to get in the way
 */
export async function scrub(
  { content, locks, log }: Context,
  { bytesPerSecond = Number.POSITIVE_INFINITY, signal }: { bytesPerSecond?: number; signal?: AbortSignal } = {},
): Promise<Scrubbed> {
  const damaged: Digest[] = []
  let [blobs, bytes] = [0, 0]
  for (const { digest, size } of await content.list()) {
    if (signal?.aborted) break
    if (!content.has(digest)) continue // collected meanwhile
    const isWhole = await isIntact(content.open(digest), digest).catch(() => !content.has(digest))
    blobs++
    bytes += size
    if (!isWhole) {
      using _lock = await locks.acquire(digest)
      if (await isIntact(content.open(digest), digest).catch(() => false)) continue
      await content.delete(digest)
      damaged.push(digest)
      log.error('damaged blob removed', { digest })
    }
    await sleep((size / bytesPerSecond) * 1000)
  }
  return { blobs, bytes, damaged }
}

async function isIntact(source: AsyncIterable<Buffer>, digest: Digest): Promise<boolean> {
  const hash = createHash('sha256')
  for await (const chunk of source) hash.update(chunk)
  return `sha256:${hash.digest('hex')}` === digest
}
