import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes the names inside `dir` durable. */
export function syncDir(dir: string): void {
  const fd = openSync(dir, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Replaces `path` by `data`: readers, and the disk after a power cut, hold the old bytes or the new, never half. */
export function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o644): void {
  const temp = `${path}.tmp-${process.pid}`
  const fd = openSync(temp, 'w', mode)
  try {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
    fsyncSync(fd)
  } catch (error) {
    rmSync(temp, { force: true })
    throw error
  } finally {
    closeSync(fd)
  }
  renameSync(temp, path)
  syncDir(dirname(path))
}
