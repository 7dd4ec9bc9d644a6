import { closeSync, openSync } from 'node:fs'
import { hasCode } from '../base/errors.ts'
import type { IdRanges } from '../spec/id-ranges.ts'
import { actAs } from './file-owner.ts'
import { namespaceFlags, setns, unshare } from './namespace.ts'
import { changeRoot, mount, mountFlags, unmount } from './private-mounts.ts'

/** A directory tree by a descriptor of its root, or the one that a process of a container sees. */
export type RootHandle = ({ readonly fd: number } | { readonly pid: number }) & {
  /** its files belong to the ids of a user namespace: outside → as whoever is root there */
  readonly ids?: IdRanges | undefined
}

/** what the runtime mounts over the files of a container; first of all the ways out that procfs has */
const runtimeMounts = ['/proc', '/sys', '/dev']

let home: { readonly mounts: number; readonly root: number } | undefined

/**
 * Makes `root` the root directory of the calling thread until disposed of: whatever path is used meanwhile, by
 * whatever link, stays inside. For worker threads: only synchronous calls of this thread are meant.
 *
 * @throws KernelError, among others when the process is gone
 */
export function enterRoot(root: RootHandle): Disposable {
  unshare(namespaceFlags.fs) // whoever shares a root with others may not enter a mount namespace
  home ??= { mounts: openSync('/proc/thread-self/ns/mnt', 'r'), root: openSync('/', 'r') }
  try {
    if ('pid' in root) enterMounts(root.pid)
    else changeRoot(root.fd)
  } catch (error) {
    leave()
    throw error
  }
  const { uids, gids } = root.ids ?? {}
  const owner = uids && gids && actAs({ uid: uids[0]!.outside, gid: gids[0]!.outside })
  return {
    [Symbol.dispose]: () => {
      owner?.[Symbol.dispose]()
      leave()
    },
  }
}

/** A private copy of the mounts that `pid` sees, without those of the runtime. */
function enterMounts(pid: number): void {
  const fd = openSync(`/proc/${pid}/ns/mnt`, 'r')
  try {
    setns(fd, namespaceFlags.mount)
  } finally {
    closeSync(fd)
  }
  unshare(namespaceFlags.mount)
  mount('none', '/', '', mountFlags.recursive | mountFlags.private)
  for (const place of runtimeMounts) {
    try {
      unmount(place)
    } catch (error) {
      if (!hasCode(error, 'EINVAL') && !hasCode(error, 'ENOENT')) throw error // nothing is mounted there
    }
  }
}

function leave(): void {
  setns(home!.mounts, namespaceFlags.mount)
  changeRoot(home!.root)
}
