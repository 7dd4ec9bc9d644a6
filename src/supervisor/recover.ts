import { closeSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodeOf, hasEnded, openPidfd, startTimeOf, zombieExitCode } from '../kernel/process.ts'
import { ContainerLog } from './logs/container-log.ts'
import type { LogSettings } from './protocol.ts'
import { type Pipes, reopenPipes } from './stdio.ts'
import type { TaskRecord } from './task.ts'

/** What the engine learns when nobody saw how a process ended. */
const unknownExit = -1
const pollMillis = 100
const reapMillis = 2000

export interface Orphan {
  readonly exitCode: Promise<number>
  /** reading begins with it, and what was read is lost to the next supervisor: call it when the log is there */
  readonly openPipes?: () => Pipes
  readonly log: Promise<ContainerLog | undefined>
}

/** What a former supervisor wrote about the task in `dir`; undefined when it never came to start. */
export function readRecord(dir: string): TaskRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, 'task.json'), 'utf8')) as TaskRecord
  } catch {
    return undefined
  }
}

/** Somebody else's child cannot be reaped: watch its pidfd. */
function watchOrphan(pid: number, fd = openPidfd(pid)): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  let chances = reapMillis / pollMillis
  const timer = setInterval(() => {
    if (!hasEnded(fd)) return
    // the kernel tells it once the new parent has reaped the process
    const exitCode = exitCodeOf(fd) ?? zombieExitCode(pid)
    if (exitCode === undefined && --chances > 0) return
    clearInterval(timer)
    resolve(exitCode ?? unknownExit)
    closeSync(fd)
  }, pollMillis)
  return promise
}

function readLogSettings(dir: string): LogSettings | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, 'log.json'), 'utf8')) as LogSettings
  } catch {
    return undefined
  }
}

/** Takes up a task whose supervisor died: output goes on, and the exit code is known where the kernel keeps it. */
export function findOrphan(record: TaskRecord, dir: string): Orphan {
  const isAlive = record.startTime !== undefined && startTimeOf(record.pid) === record.startTime
  if (!isAlive) return { exitCode: Promise.resolve(unknownExit), log: Promise.resolve(undefined) }
  return {
    exitCode: watchOrphan(record.pid),
    ...(!record.stdio.tty && { openPipes: () => reopenPipes(dir) }),
    log: ContainerLog.open(readLogSettings(dir) ?? {}).catch(() => undefined),
  }
}
