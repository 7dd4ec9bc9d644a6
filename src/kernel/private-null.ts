import { chmodSync, fstatSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeNode } from './file-metadata.ts'
import { mount, mountFlags, unmount } from './private-mounts.ts'

const nullDevice = statSync('/dev/null').rdev

export const isNull = (fd: number): boolean => {
  const stat = fstatSync(fd)
  return stat.isCharacterDevice() && stat.rdev === nullDevice
}

/**
 * A null device that is not the host's: whoever has it may give it away or forbid it, and some runtimes do.
 * To be called among private mounts.
 *
 * @param dir any directory; it is covered for a moment
 */
export function openPrivateNull(dir: string): number {
  mount('null', dir, 'tmpfs', mountFlags.noSuid | mountFlags.noExec, 'size=4k,mode=711')
  try {
    const path = join(dir, 'null')
    makeNode(path, 'character', 0o666, 1, 3)
    chmodSync(path, 0o666)
    return openSync(path, 'r+')
  } finally {
    unmount(dir)
  }
}
