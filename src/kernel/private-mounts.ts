import { openSync } from 'node:fs'
import { bind, check } from './libc.ts'
import { namespaceFlags, setns, unshare } from './namespace.ts'

const mountCall = bind(
  'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
)
const umountCall = bind('int umount2(const char *target, int flags)')

export const mountFlags = {
  readOnly: 0x1,
  noSuid: 0x2,
  noDev: 0x4,
  noExec: 0x8,
  remount: 0x20,
  bind: 0x1000,
  recursive: 0x4000,
  private: 0x40000,
  slave: 0x80000,
  shared: 0x100000,
} as const

const MNT_DETACH = 2

/** mount(2). */
export const mount = (source: string, target: string, type: string, flags = 0, data = ''): void =>
  void check(mountCall(source, target, type, flags, data), 'mount', target)

/** umount2(2), lazily: busy mounts vanish when their last user leaves. */
export const unmount = (target: string): void => void check(umountCall(target, MNT_DETACH), 'umount2', target)

const fchdir = bind('int fchdir(int fd)')
const chroot = bind('int chroot(const char *path)')

/** Makes the directory at `fd` the root and the working directory of the calling thread. */
export function changeRoot(fd: number): void {
  check(fchdir(fd), 'fchdir')
  check(chroot('.'), 'chroot')
}

let own: { readonly mounts: number; readonly root: number } | undefined

/**
 * Runs `body` with the calling thread in a fresh copy of the mount namespace, and comes back: what `body` mounts or
 * unmounts is seen only by the processes it starts, and goes when they end. `body` must be synchronous.
 *
 * The main thread gives up sharing its root and working directory with the thread pool once, at the first call:
 * the kernel lets nobody enter a mount namespace who shares them.
 */
export function inPrivateMounts<T>(body: () => T): T {
  if (!own) {
    own = { mounts: openSync('/proc/thread-self/ns/mnt', 'r'), root: openSync('/', 'r') }
    unshare(namespaceFlags.fs)
  }
  unshare(namespaceFlags.mount)
  try {
    mount('none', '/', '', mountFlags.recursive | mountFlags.private)
    return body()
  } finally {
    setns(own.mounts, namespaceFlags.mount)
    changeRoot(own.root) // the way back ends at the root of the namespace, which in a chroot is not ours
  }
}
