import { closeSync, openSync } from 'node:fs'
import type { Mount } from '../spec/mount.ts'
import { bind, check } from './libc.ts'

const openTree = bind('long syscall(long number, int dir, const char *path, unsigned int flags)')
const setAttributes = bind(
  'long syscall(long number, int dir, const char *path, unsigned int flags, const void *attributes, size_t size)',
)
const moveMount = bind(
  'long syscall(long number, int fromDir, const char *from, int toDir, const char *to, unsigned int flags)',
)

const SYS_open_tree = 428
const SYS_move_mount = 429
const SYS_mount_setattr = 442
const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000
const AT_RECURSIVE = 0x8000
const OPEN_TREE_CLONE = 1
const O_CLOEXEC = 0o2000000
const MOVE_MOUNT_F_EMPTY_PATH = 4
const MOUNT_ATTR_IDMAP = 0x100000n

/**
 * Mounts `source` at `target` with owners as the user namespace `userns` (a descriptor) maps them, both ways: what an id
 * is inside it is on the disk, what it is outside is what everybody sees.
 * Spec: https://man7.org/linux/man-pages/man2/mount_setattr.2.html
 *
 * @throws KernelError EINVAL where the file system cannot
 */
export function mountIdMapped(source: string, target: string, userns: number): void {
  const flags = OPEN_TREE_CLONE | AT_RECURSIVE | O_CLOEXEC
  const tree = check(Number(openTree(SYS_open_tree, AT_FDCWD, source, flags)), 'open_tree', source)
  try {
    const attributes = Buffer.from(BigUint64Array.of(MOUNT_ATTR_IDMAP, 0n, 0n, BigInt(userns)).buffer)
    const how = AT_EMPTY_PATH | AT_RECURSIVE
    check(Number(setAttributes(SYS_mount_setattr, tree, '', how, attributes, 32)), 'mount_setattr', source)
    check(Number(moveMount(SYS_move_mount, tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)), 'move_mount', target)
  } finally {
    closeSync(tree)
  }
}

/** Covers the directories of shifted mounts by themselves with other owners; once, among private mounts. */
export function coverShifted(mounts: readonly Mount[]): void {
  const shift = mounts.find(mount => mount.shift)?.shift
  if (!shift) return
  const namespace = openSync(shift.namespace, 'r')
  try {
    for (const directory of shift.directories) mountIdMapped(directory, directory, namespace)
  } finally {
    closeSync(namespace)
  }
}
