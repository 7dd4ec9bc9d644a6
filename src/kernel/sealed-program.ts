import { closeSync, readFileSync, statSync, writeSync } from 'node:fs'
import { bind, check } from './libc.ts'

const memfdCreate = bind('int memfd_create(const char *name, unsigned int flags)')
const fcntl = bind('int fcntl(int fd, int cmd, ...)')

const flags = { closeOnExec: 0x1, allowSealing: 0x2 }
const F_ADD_SEALS = 1033
const seals = 0x1 | 0x2 | 0x4 | 0x8 // of seals, shrink, grow, write

interface Copy {
  readonly fd: number
  readonly mtimeMs: number
  readonly size: number
}

const copies = new Map<string, Copy>()

function seal(path: string): number {
  const fd: number = check(memfdCreate(path, flags.closeOnExec | flags.allowSealing), 'memfd_create', path)
  try {
    const bytes = readFileSync(path)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    check(fcntl(fd, F_ADD_SEALS, 'int', seals), 'fcntl', path)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/**
 * A path, good for the children of this process, of a copy of the program in memory that nobody can write to.
 *
 * OCI runtimes make one for themselves each time that they start, so that a container cannot overwrite them by
 * `/proc/self/exe` (CVE-2019-5736), and then start once more from it: they recognise this one and go on at once.
 * Falls back to the program's own path. Spec: https://man7.org/linux/man-pages/man2/memfd_create.2.html
 */
export function sealedProgram(path: string): string {
  try {
    const { mtimeMs, size } = statSync(path)
    let copy = copies.get(path)
    if (!copy || copy.mtimeMs !== mtimeMs || copy.size !== size) {
      if (copy) closeSync(copy.fd)
      copies.delete(path)
      copies.set(path, (copy = { fd: seal(path), mtimeMs, size }))
    }
    return `/proc/self/fd/${copy.fd}`
  } catch {
    return path
  }
}
