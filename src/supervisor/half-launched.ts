import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cgroupPids } from '../kernel/cgroup.ts'
import type { TaskRecord } from './task.ts'

const rounds = 200
const roundMillis = 10

/** A supervisor died while the runtime was at it: nobody knows what has become of the task. */
export const isHalfLaunched = ({ pid }: TaskRecord): boolean => pid === 0

/**
 * Ends the runtime that a dead supervisor had started for the task in `dir`, and what that has started. It may be in
 * the middle of it: so this looks again until nobody is found.
 *
 * @param cgroup of the container
 */
export async function endHalfLaunched(dir: string, { containerId }: TaskRecord, cgroup: string): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const inside = cgroupPids(cgroup)
    const theirs = containerId === undefined ? inside : inside.filter(pid => pid === executedPid(dir))
    const found = [...runtimesOf(dir), ...theirs]
    if (found.length === 0) return
    for (const pid of found) kill(pid)
    await delay(roundMillis)
  }
}

/** Runtimes are told the directory on their command line, and keep that until they become the container's process. */
function runtimesOf(dir: string): readonly number[] {
  const names = readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
  return names.filter(name => commandLine(name).some(word => word.startsWith(dir))).map(Number)
}

function commandLine(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return [] // it has ended meanwhile
  }
}

function executedPid(dir: string): number {
  try {
    return Number(readFileSync(join(dir, 'pid'), 'utf8'))
  } catch {
    return 0
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended by itself
  }
}
