import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../base/errors.ts'

/** Bytes of all files below `dir`, hard links once; what vanishes meanwhile does not count. */
export async function measure(dir: string): Promise<number> {
  const seen = new Set<string>()
  const walk = async (path: string): Promise<number> => {
    let bytes = 0
    for await (const entry of await opendir(path)) {
      const child = join(path, entry.name)
      const { size, dev, ino, nlink } = await lstat(child)
      const key = `${dev}:${ino}`
      if (nlink < 2 || entry.isDirectory() || !seen.has(key)) bytes += size
      if (nlink > 1 && !entry.isDirectory()) seen.add(key)
      if (entry.isDirectory()) bytes += await calm(walk(child))
    }
    return bytes
  }
  return calm(walk(dir))
}

const calm = (size: Promise<number>): Promise<number> =>
  size.catch(error => {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return 0
    throw error
  })
