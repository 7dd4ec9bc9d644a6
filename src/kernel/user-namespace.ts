import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, writeFileSync } from 'node:fs'
import type { IdRange, IdRanges } from '../spec/id-ranges.ts'

export interface UserNamespace {
  readonly user: number
  readonly network: number
}

const format = (ranges: readonly IdRange[]): string =>
  ranges.map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`).join('')

/**
 * A new user namespace and a network namespace that belongs to it; each lives as long as its descriptor.
 * The kernel makes them only with a process of one thread, which ends before this returns.
 * Spec: https://man7.org/linux/man-pages/man7/user_namespaces.7.html
 */
export const openUserNamespace = ({ uids, gids }: IdRanges): Promise<UserNamespace> =>
  withProcess('unshare', ['--user', '--net', 'cat'], pid => {
    writeFileSync(`/proc/${pid}/uid_map`, format(uids))
    writeFileSync(`/proc/${pid}/gid_map`, format(gids))
    return { user: openSync(`/proc/${pid}/ns/user`, 'r'), network: openSync(`/proc/${pid}/ns/net`, 'r') }
  })

/** A new network namespace that belongs to the user namespace at `path`. */
export const openNetworkOf = (path: string): Promise<number> =>
  withProcess('nsenter', [`--user=${path}`, '-S', '0', '-G', '0', 'unshare', '--net', 'cat'], pid =>
    openSync(`/proc/${pid}/ns/net`, 'r'),
  )

/** Runs `body` while a program stands still that ends in `cat`, so that its echo says when it has come there. */
async function withProcess<T>(program: string, args: readonly string[], body: (pid: number) => T): Promise<T> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  const ended = once(child, 'close')
  failed.catch(() => {})
  try {
    child.stdin.on('error', () => {})
    child.stdin.write('\n')
    const ready = once(child.stdout, 'data')
    await Promise.race([ready, failed, ended.then(() => Promise.reject(new Error(`${program} failed`)))])
    return body(child.pid!)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}
