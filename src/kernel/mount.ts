import { bind, check } from './libc.ts'

const mountCall = bind(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
)
const umountCall = bind('int umount2(const char *target, int flags)')
const openat2Call = bind('long syscall(long number, int dir, const char *path, const void *how, long size)')

/** Options of mount(8) that are flags of mount(2); a negative bit clears. */
const flagOptions: Readonly<Record<string, number>> = {
  ro: 1,
  rw: -1,
  nosuid: 2,
  suid: -2,
  nodev: 4,
  dev: -4,
  noexec: 8,
  exec: -8,
  sync: 16,
  async: -16,
  remount: 32,
  dirsync: 128,
  noatime: 1024,
  atime: -1024,
  nodiratime: 2048,
  bind: 4096,
  rbind: 4096 | 16384,
  unbindable: 1 << 17,
  runbindable: (1 << 17) | 16384,
  private: 1 << 18,
  rprivate: (1 << 18) | 16384,
  slave: 1 << 19,
  rslave: (1 << 19) | 16384,
  shared: 1 << 20,
  rshared: (1 << 20) | 16384,
  relatime: 1 << 21,
  strictatime: 1 << 24,
  lazytime: 1 << 25,
}

/** Splits options as mount(8) writes them into flags and the file system's own data. */
export function splitOptions(options: readonly string[]): { readonly flags: number; readonly data: string } {
  let flags = 0
  const data: string[] = []
  for (const option of options) {
    const bit = flagOptions[option]
    if (bit === undefined) {
      if (option && option !== 'defaults') data.push(option)
    } else flags = bit > 0 ? flags | bit : flags & ~-bit
  }
  return { flags, data: data.join(',') }
}

/** mount(2) with options as mount(8) writes them. @throws KernelError */
export function mountWith(type: string, source: string, target: string, options: readonly string[]): void {
  const { flags, data } = splitOptions(options)
  check(mountCall(source, target, type, flags, data), 'mount', `${source} at ${target}`)
}

/** Unmounts, at once or when the last user has left. @throws KernelError EINVAL when nothing is mounted there */
export const unmount = (target: string, lazily = false): void =>
  void check(umountCall(target, lazily ? 2 : 0), 'umount2', target)

/**
 * Opens a directory as a process would whose root is `root` (a descriptor): no link leads out of it.
 *
 * @throws KernelError ENOENT, ENOTDIR
 */
export function openDirectoryInRoot(root: number, path: string): number {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(0o2200000n, 0) // O_DIRECTORY | O_CLOEXEC
  how.writeBigUInt64LE(0x12n, 16) // RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
  return check(Number(openat2Call(437, root, path, how, 24)), 'openat2', path)
}

/**
 * Opens whatever is at `path` below `root` (a descriptor), only to be mounted elsewhere.
 *
 * @throws KernelError ENOENT; EXDEV or ELOOP when a link leads out
 */
export function openBeneath(root: number, path: string): number {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(0o12000000n, 0) // O_PATH | O_CLOEXEC
  how.writeBigUInt64LE(0x0an, 16) // RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS
  return check(Number(openat2Call(437, root, path, how, 24)), 'openat2', path)
}
