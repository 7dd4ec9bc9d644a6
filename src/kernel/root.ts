import { closeSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { hasCode } from '../base/errors.ts'
import type { Mount } from '../spec/mount.ts'
import { actAs } from './file-owner.ts'
import { coverShifted } from './id-mapped-mount.ts'
import { bind, check } from './libc.ts'
import { inPrivateMounts, mount, mountFlags } from './private-mounts.ts'

const openTree = bind('long syscall(long number, int dir, const char *path, unsigned int flags)')
const openat2Call = bind('long syscall(long number, int dir, const char *path, void *how, size_t size)')

const SYS_open_tree = 428
const SYS_openat2 = 437
const AT_FDCWD = -100
const OPEN_TREE_CLONE = 1
const AT_RECURSIVE = 0x8000
const O_CLOEXEC = 0o2000000
const O_PATH = 0o10000000
const O_NOFOLLOW = 0o400000
const RESOLVE_IN_ROOT = 0x10
const RESOLVE_NO_MAGICLINKS = 0x02

export interface Bind {
  readonly source: string
  /** absolute, inside the root */
  readonly destination: string
}

/**
 * A directory tree made of `mounts`, which nobody else sees, with `binds` on top: the descriptor of its root keeps it.
 *
 * @param dir an empty directory to mount at
 */
export function holdTree(mounts: readonly Mount[], dir: string, binds: readonly Bind[] = []): number {
  return inPrivateMounts(() => {
    coverShifted(mounts)
    for (const { type, source, options, shift } of mounts) {
      using _owner = shift && actAs(shift.root)
      if (type === 'bind') mount(source, dir, '', mountFlags.bind | mountFlags.recursive)
      else mount(source, dir, type, 0, options.join(','))
    }
    const shift = mounts.find(each => each.shift)?.shift
    using _owner = binds.length > 0 && shift ? actAs(shift.root) : undefined
    for (const bound of binds) bindInside(dir, bound)
    return check(
      Number(openTree(SYS_open_tree, AT_FDCWD, dir, OPEN_TREE_CLONE | AT_RECURSIVE | O_CLOEXEC)),
      'open_tree',
      dir,
    )
  })
}

function bindInside(dir: string, { source, destination }: Bind): void {
  const root = check(Number(openTree(SYS_open_tree, AT_FDCWD, dir, O_CLOEXEC)), 'open_tree', dir)
  try {
    const target = openMountPoint(root, destination, statSync(source).isDirectory())
    mount(source, `/proc/self/fd/${target}`, '', mountFlags.bind | mountFlags.recursive)
    closeSync(target)
  } finally {
    closeSync(root)
  }
}

/** What `path` inside `root` is to be covered at, made like the runtime makes it where it is missing. */
function openMountPoint(root: number, path: string, isDirectory: boolean): number {
  try {
    return openInRoot(root, path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  const parent = openMountPoint(root, dirname(path), true)
  const place = `/proc/self/fd/${parent}/${basename(path)}`
  try {
    if (isDirectory) mkdirSync(place, 0o755)
    else writeFileSync(place, '', { flag: 'wx' })
  } finally {
    closeSync(parent)
  }
  return openInRoot(root, path)
}

/**
 * Opens `path` as a process would whose root is `root`: no link leads out of it.
 *
 * @param flags of open(2); by default a mere handle, whose path is `/proc/self/fd/<n>`
 * @throws KernelError
 */
export function openInRoot(root: number, path: string, flags: number = O_PATH, noFollow = false): number {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC | (noFollow ? O_NOFOLLOW : 0)), 0)
  how.writeBigUInt64LE(BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), 16)
  return check(Number(openat2Call(SYS_openat2, root, path, how, 24)), 'open', path)
}

/** Text of a small file inside `root`; undefined when it is not there. */
export function readInRoot(root: number, path: string): string | undefined {
  try {
    const fd = openInRoot(root, path, 0)
    try {
      return readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR') || hasCode(error, 'EISDIR')) return undefined
    throw error
  }
}
