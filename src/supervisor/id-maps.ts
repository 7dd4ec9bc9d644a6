import { closeSync, openSync, readlinkSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnProcess } from '../kernel/spawn.ts'
import type { IdMap } from '../spec/mount.ts'
import type { Reaper } from './reaper.ts'

const lastId = 2 ** 32 - 2

/** Lines of a map that exchanges two ids and leaves all others as they are: `inside outside count`. */
export function exchange([a, b]: readonly [number, number]): string {
  const [low, high] = a < b ? [a, b] : [b, a]
  const same = (from: number, to: number) => (from <= to ? [`${from} ${from} ${to - from + 1}`] : [])
  if (low === high) return same(0, lastId).join('\n')
  const between = [...same(0, low - 1), `${low} ${high} 1`, ...same(low + 1, high - 1), `${high} ${low} 1`]
  return [...between, ...same(high + 1, lastId)].join('\n')
}

/**
 * A user namespace that maps ids like this; it lives as long as the returned descriptor. The kernel makes one only with
 * a process, which ends before this returns.
 */
export async function openIdMap({ uids, gids }: IdMap, reaper: Reaper): Promise<number> {
  const nothing = openSync('/dev/null', 'r+')
  const since = performance.now()
  const argv = ['unshare', '--user', 'sleep', '30']
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  const pid = spawnProcess('/usr/bin/unshare', argv, { stdio: [nothing, nothing, nothing], env })
  const ended = reaper.wait(pid, since)
  try {
    const own = readlinkSync('/proc/self/ns/user')
    for (let tries = 0; readlinkSync(`/proc/${pid}/ns/user`) === own; tries++) {
      if (tries > 500) throw new Error('no user namespace: unshare(1) does not come to it')
      await delay(2)
    }
    writeFileSync(`/proc/${pid}/uid_map`, exchange(uids))
    writeFileSync(`/proc/${pid}/gid_map`, exchange(gids))
    return openSync(`/proc/${pid}/ns/user`, 'r')
  } finally {
    closeSync(nothing)
    process.kill(pid, 'SIGKILL')
    await ended
  }
}
