import { closeSync, openSync } from 'node:fs'
import { bind, check } from './libc.ts'

const unshareCall = bind('int unshare(int flags)')
const setnsCall = bind('int setns(int fd, int flags)')

export const namespaceFlags = {
  mount: 0x00020000,
  cgroup: 0x02000000,
  uts: 0x04000000,
  ipc: 0x08000000,
  user: 0x10000000,
  pid: 0x20000000,
  network: 0x40000000,
  /** not a namespace: the thread's own root, working directory and umask */
  fs: 0x00000200,
} as const

export const unshare = (flags: number): void => void check(unshareCall(flags), 'unshare')
export const setns = (fd: number, flags = 0): void => void check(setnsCall(fd, flags), 'setns')

const ownNetwork = openSync('/proc/thread-self/ns/net', 'r')

/**
 * Runs `body` with the calling thread inside the network namespace at `fd`, and comes back.
 * `body` must be synchronous: nothing else of the process may run meanwhile.
 */
export function inNetwork<T>(fd: number, body: () => T): T {
  setns(fd, namespaceFlags.network)
  try {
    return body()
  } finally {
    setns(ownNetwork, namespaceFlags.network)
  }
}

/** A new, empty network namespace: it lives as long as the returned fd or a process inside does. */
export function createNetwork(): number {
  unshare(namespaceFlags.network)
  try {
    return openSync('/proc/thread-self/ns/net', 'r')
  } finally {
    setns(ownNetwork, namespaceFlags.network)
  }
}

export const closeNetwork = (fd: number): void => closeSync(fd)
