import { closeSync, openSync } from 'node:fs'
import { bind, check } from './libc.ts'
import { namespaceFlags, setns } from './namespace.ts'
import { changeRoot } from './private-mounts.ts'

const openTree = bind('long syscall(long number, int dir, const char *path, unsigned int flags)')
const moveMount = bind(
  'long syscall(long number, int fromDir, const char *from, int toDir, const char *to, unsigned int flags)',
)

const SYS_open_tree = 428
const SYS_move_mount = 429
const AT_FDCWD = -100
const OPEN_TREE_CLONE = 1
const O_CLOEXEC = 0o2000000
const MOVE_MOUNT_F_EMPTY_PATH = 4

/** A mount as a process sees it. */
export interface MountOf {
  readonly pid: number
  /** below the root of the process, whose links lead nowhere else */
  readonly path: string
}

/** A copy of a mount of another namespace, which belongs to no namespace yet. */
function cloneThere({ pid, path }: MountOf): number {
  using opened = new DisposableStack()
  const open = (file: string) => opened.adopt(openSync(file, 'r'), closeSync)
  const [here, root] = [open('/proc/thread-self/ns/mnt'), open('/')]
  const [theirs, theirRoot] = [open(`/proc/${pid}/ns/mnt`), open(`/proc/${pid}/root`)]
  try {
    setns(theirs, namespaceFlags.mount)
    changeRoot(theirRoot)
    return check(Number(openTree(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC)), 'open_tree', path)
  } finally {
    setns(here, namespaceFlags.mount)
    changeRoot(root)
  }
}

/**
 * Mounts at `target` what a process has mounted somewhere: mount(2) alone cannot, it knows one namespace.
 * For use inside `inPrivateMounts`.
 * Spec: https://man7.org/linux/man-pages/man2/open_tree.2.html
 */
export function mountOf(source: MountOf, target: string): void {
  const tree = cloneThere(source)
  try {
    check(Number(moveMount(SYS_move_mount, tree, '', AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)), 'move_mount', target)
  } finally {
    closeSync(tree)
  }
}
