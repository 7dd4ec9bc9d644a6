import { closeSync, openSync } from 'node:fs'
import koffi from 'koffi'
import { bind, check } from './libc.ts'

const utimensat = bind('int utimensat(int dirfd, const void *path, const void *times, int flags)')
const lsetxattr = bind('int lsetxattr(const void *path, const char *name, const void *value, size_t size, int flags)')
const lgetxattr = bind('long lgetxattr(const void *path, const char *name, void *value, size_t size)')
const llistxattr = bind('long llistxattr(const void *path, void *list, size_t size)')
const mknodCall = bind('int mknod(const void *path, uint32_t mode, uint64_t dev)')
const syncfsCall = bind('int syncfs(int fd)') as unknown as { async(fd: number, done: Callback): void }

type Callback = (error: Error | null, result: number) => void

/** A path as the bytes that it is; a string counts as one byte per character. */
export type BytePath = string | Buffer

const cString = (path: BytePath): Buffer =>
  typeof path === 'string' ? Buffer.from(`${path}\0`, 'latin1') : Buffer.concat([path, Buffer.of(0)])

const atFdCwd = -100
const symlinkNoFollow = 0x100
const omit = 0x3ffffffen
/** the kernel's own limit for a value and for a list of names */
const scratch = Buffer.alloc(65536)

/** Sets the time of change in nanoseconds, on a symbolic link itself. */
export function setModified(path: BytePath, nanos: bigint): void {
  const seconds = nanos / 1_000_000_000n - (nanos % 1_000_000_000n < 0n ? 1n : 0n)
  const times = new BigInt64Array([0n, omit, seconds, nanos - seconds * 1_000_000_000n])
  check(utimensat(atFdCwd, cString(path), Buffer.from(times.buffer), symlinkNoFollow), 'utimensat', String(path))
}

export function setXattr(path: BytePath, name: string, value: Buffer): void {
  check(lsetxattr(cString(path), name, value, value.length, 0), 'lsetxattr', `${name} of ${path}`)
}

/** Undefined when the file has no such attribute. */
export function getXattr(path: BytePath, name: string): Buffer | undefined {
  const size = Number(lgetxattr(cString(path), name, scratch, scratch.length))
  return size < 0 ? undefined : Buffer.from(scratch.subarray(0, size))
}

export function listXattrs(path: BytePath): readonly string[] {
  const size = Number(llistxattr(cString(path), scratch, scratch.length))
  return size <= 0 ? [] : scratch.toString('latin1', 0, size).split('\0').filter(Boolean)
}

export const nodeTypes = { fifo: 0o010000, character: 0o020000, block: 0o060000 } as const

/** As makedev(3). */
const deviceNumber = (major: number, minor: number): bigint => {
  const [a, b] = [BigInt(major), BigInt(minor)]
  return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn)
}

export const majorOf = (rdev: number): number =>
  Number(((BigInt(rdev) >> 32n) & 0xfffff000n) | ((BigInt(rdev) >> 8n) & 0xfffn))
export const minorOf = (rdev: number): number => Number(((BigInt(rdev) >> 12n) & 0xffffff00n) | (BigInt(rdev) & 0xffn))

/** Makes a device or a FIFO; `character` 0, 0 is overlay's whiteout. */
export function makeNode(path: BytePath, type: keyof typeof nodeTypes, mode: number, major = 0, minor = 0): void {
  check(mknodCall(cString(path), nodeTypes[type] | mode, deviceNumber(major, minor)), 'mknod', String(path))
}

/** Returns when everything written to the file system of `path` is on disk; blocks no thread of JavaScript. */
export async function syncFileSystem(path: string): Promise<void> {
  const fd = openSync(path, 'r')
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    syncfsCall.async(fd, (error, result) => (error ? reject(error) : resolve(result)))
    if ((await promise) < 0) throw new Error(`syncfs ${path}: error ${koffi.errno()}`)
  } finally {
    closeSync(fd)
  }
}
