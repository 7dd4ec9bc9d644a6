import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes of file content below `dir`; hard links count once. */
export async function directorySize(dir: string, seen = new Set<number>()): Promise<number> {
  let total = 0
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) total += await directorySize(path, seen)
    else if (entry.isFile()) {
      const { ino, size } = await lstat(path).catch(() => ({ ino: 0, size: 0 }))
      if (!seen.has(ino)) total += size
      seen.add(ino)
    }
  }
  return total
}
