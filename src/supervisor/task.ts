import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { formatNanos, nowNanos } from '../base/time.ts'
import { cgroupPids, oomKills, removeCgroup } from '../kernel/cgroup.ts'
import { ConsoleSocket } from '../kernel/console-socket.ts'
import { startTimeOf } from '../kernel/process.ts'
import { setWindowSize } from '../kernel/terminal.ts'
import type { ContainerLog } from './logs/container-log.ts'
import type { OciRuntime } from './oci-runtime.ts'
import type { ExitInfo, RuntimeBinary, StdioSettings, TaskInfo } from './protocol.ts'
import { closeAll, openNoStdio, openPipes, openTerminal } from './stdio.ts'
import type { Streams } from './streams.ts'

/** What is left of output after the process has ended is waited for this long. */
const drainMillis = 2000

/** What `task.json` keeps of a task, so that the next supervisor finds it. */
export interface TaskRecord {
  readonly id: string
  readonly containerId?: string
  /** 0 while the runtime is at it */
  readonly pid: number
  readonly startTime?: string | undefined
  readonly startedAt: string
  readonly runtime: RuntimeBinary
  readonly cgroup?: string
  readonly stdio: StdioSettings
  readonly log?: unknown
}

export class NoSuchTask extends Error {
  readonly code = 'ESRCH'
  constructor(id: string) {
    super(`no task ${id}`)
  }
}

/** A process under supervision: the first one of a container, or an exec. */
export class Task {
  readonly record: TaskRecord
  readonly streams: Streams
  readonly #terminal: number | undefined
  /** `performance.now()` from which on an exit of its pid is its own */
  readonly launchedAt: number
  #paused = false
  /** its pid may be another's by now */
  isReaped = false
  exit: ExitInfo | undefined

  constructor(record: TaskRecord, streams: Streams, terminal?: number, launchedAt = performance.now()) {
    this.record = record
    this.streams = streams
    this.#terminal = terminal
    this.launchedAt = launchedAt
  }

  get info(): TaskInfo {
    const { id, containerId, pid, startedAt } = this.record
    return {
      id,
      ...(containerId && { containerId }),
      pid,
      startedAt,
      paused: this.#paused,
      ...(this.exit && { exit: this.exit }),
    }
  }

  set paused(paused: boolean) {
    this.#paused = paused
  }

  /** @throws the kernel's error; ESRCH once it has ended */
  signal(signal: number): void {
    if (this.isReaped) throw new NoSuchTask(this.record.id)
    process.kill(this.record.pid, signal)
  }

  resize(height: number, width: number): void {
    if (this.#terminal !== undefined && !this.exit) setWindowSize(this.#terminal, height & 0xffff, width & 0xffff)
  }
}

export interface Launch {
  readonly id: string
  readonly containerId?: string
  readonly dir: string
  readonly runtime: RuntimeBinary
  readonly stdio: StdioSettings
  readonly cgroup?: string
  readonly log?: ContainerLog | undefined
  readonly streams: Streams
  /** arguments of the runtime, between the options for pid file and console, and the id */
  readonly command: (options: readonly string[]) => Parameters<OciRuntime['run']>[0]['args']
  readonly rootfs?: Parameters<OciRuntime['run']>[0]['rootfs']
  readonly places?: Parameters<OciRuntime['run']>[0]['places']
}

/** Runs the runtime and returns once the process is on its way. */
export async function launch(oci: OciRuntime, launch: Launch): Promise<Task> {
  const { dir, stdio, streams, log } = launch
  const startedAt = formatNanos(nowNanos())
  const launchedAt = performance.now()
  const onOutput = (output: 'stdout' | 'stderr', chunk: Buffer) => log?.write(output, chunk)
  using console = stdio.tty ? new ConsoleSocket(join(dir, 'tty')) : undefined
  const pipes = stdio.tty ? undefined : openPipes(dir, stdio)
  const child = pipes?.child ?? openNoStdio()
  const pidFile = join(dir, 'pid')
  const options = ['--pid-file', pidFile, ...(console ? ['--console-socket', console.path] : [])]
  const { id, containerId, runtime, cgroup } = launch
  const intent = { id, ...(containerId && { containerId }), startedAt, runtime, ...(cgroup && { cgroup }), stdio }
  writeRecord(dir, { ...intent, pid: 0 })
  rmSync(pidFile, { force: true })
  try {
    await oci.run({
      runtime: launch.runtime,
      args: launch.command(options),
      dir,
      stdio: child,
      ...(launch.rootfs && { rootfs: launch.rootfs }),
      ...(launch.places && { places: launch.places }),
    })
  } catch (error) {
    // what the runtime itself had to say is no output of the container
    for (const pipe of Object.values(pipes?.ours ?? {})) pipe.destroy()
    throw error
  } finally {
    closeAll(child)
  }
  if (pipes) streams.open(stdio, pipes.ours, onOutput)
  const terminal = console?.receive()
  if (terminal !== undefined) {
    if (stdio.size) setWindowSize(terminal, stdio.size.height, stdio.size.width)
    streams.open(stdio, openTerminal(terminal, stdio.stdin), onOutput)
  }
  const pid = Number(readFileSync(pidFile, 'utf8'))
  const record = { ...intent, pid, startTime: startTimeOf(pid) }
  writeRecord(dir, record)
  return new Task(record, streams, terminal, launchedAt)
}

/** In one piece: a crash leaves the record that was, or this one. */
function writeRecord(dir: string, record: TaskRecord): void {
  const path = join(dir, 'task.json')
  writeFileSync(`${path}.new`, JSON.stringify(record))
  renameSync(`${path}.new`, path)
}

/** Waits for the output's end, not for ever: a grandchild may hold it open. */
export async function drain(streams: Streams): Promise<void> {
  const timeout = new AbortController()
  await Promise.race([streams.drained(), delay(drainMillis, undefined, { signal: timeout.signal }).catch(() => {})])
  timeout.abort()
}

export const wasOomKilled = (cgroup: string | undefined): boolean => cgroup !== undefined && oomKills(cgroup) > 0

/** Ends whoever is left in the control group, then removes it. */
export async function clearCgroup(cgroup: string): Promise<void> {
  for (let attempt = 0; !removeCgroup(cgroup) && attempt < 50; attempt++) {
    for (const pid of cgroupPids(cgroup)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // it ended by itself
      }
    }
    await delay(10)
  }
}
