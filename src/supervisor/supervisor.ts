import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../base/errors.ts'
import { formatNanos, nowNanos } from '../base/time.ts'
import { isFrozen, setFrozen } from '../kernel/cgroup.ts'
import { restoreWords, saveTask } from './checkpoint.ts'
import { endHalfLaunched, isHalfLaunched } from './half-launched.ts'
import { ContainerLog } from './logs/container-log.ts'
import { OciRuntime } from './oci-runtime.ts'
import type { CheckpointRequest, ExecRequest, Notice, Operations, RuntimeBinary } from './protocol.ts'
import { Proxies } from './proxy/proxies.ts'
import { Reaper } from './reaper.ts'
import { findOrphan, readRecord } from './recover.ts'
import { Resolvers } from './resolvers.ts'
import { SeccompFilters } from './seccomp-filters.ts'
import { Streams } from './streams.ts'
import { clearCgroup, drain, launch, NoSuchTask, Task, type TaskRecord, wasOomKilled } from './task.ts'

const SIGKILL = 9
const patienceMillis = 2000

/** Keeper of every container's process: its stdio, log and exit code, whatever becomes of the engine. */
export class Supervisor {
  readonly #tasksDir: string
  readonly #oci: OciRuntime
  readonly #filters: SeccompFilters
  readonly #reaper: Reaper
  readonly #tasks = new Map<string, Task>()
  readonly #streams = new Map<string, Streams>()
  readonly #starting = new Map<string, Promise<unknown>>()
  /** starts that nobody waits for any more */
  readonly #unwanted = new Set<string>()
  readonly #clearing = new Map<string, Promise<void>>()
  readonly #resolvers = new Resolvers()
  readonly #proxies = new Proxies()
  readonly #notify: (notice: Notice) => void

  constructor(execRoot: string, notify: (notice: Notice) => void, reaper = new Reaper()) {
    this.#tasksDir = join(execRoot, 'tasks')
    this.#reaper = reaper
    const runtimeRoot = join(execRoot, 'runtime')
    this.#oci = new OciRuntime(runtimeRoot, reaper)
    this.#filters = new SeccompFilters(runtimeRoot)
    this.#notify = notify
    mkdirSync(this.#tasksDir, { recursive: true, mode: 0o711 }) // bundles have modes of their own
    this.#recover()
  }

  get taskCount(): number {
    return this.#tasks.size
  }

  /** Streams of a task that runs or is about to. */
  streamsOf(id: string): Streams {
    let streams = this.#streams.get(id)
    if (!streams) this.#streams.set(id, (streams = new Streams()))
    return streams
  }

  async start(request: Operations['start']['request']): Promise<Operations['start']['reply']> {
    const { id } = request
    const started = this.#start(request)
    this.#starting.set(id, started)
    return started.finally(() => {
      this.#starting.delete(id)
      if (this.#unwanted.delete(id)) this.#tasks.get(id)?.signal(SIGKILL)
    })
  }

  async #start(request: Operations['start']['request']): Promise<Operations['start']['reply']> {
    const { id, bundle, runtime, cgroup, stdio, rootfs, places = [] } = request
    const survivor = request.again && this.#tasks.get(id)
    if (survivor) return { pid: survivor.record.pid, startedAt: survivor.record.startedAt }
    if (this.#tasks.get(id)?.exit === undefined && this.#tasks.has(id)) throw new Error(`task ${id} runs already`)
    this.#tasks.delete(id)
    await this.#clearing.get(id)
    const streams = this.streamsOf(id)
    const log = await ContainerLog.open(request.log).catch(error => {
      this.#drop(id)
      throw new Error(`failed to initialize logging driver: ${messageOf(error)}`)
    })
    mkdirSync(join(bundle, 'rootfs'), { recursive: true })
    const { checkpoint } = request
    const verb = checkpoint ? restoreWords(checkpoint) : ['run']
    const command = (options: readonly string[]) => [...verb, '--detach', '--bundle', bundle, ...options, id]
    try {
      writeFileSync(join(bundle, 'log.json'), JSON.stringify(request.log))
      if (request.dns) this.#resolvers.open(id, bundle, request.dns.namespace, request.dns.config)
      const unknownFilter = this.#filters.prepare(bundle, runtime)
      const task = await launch(this.#oci, {
        id,
        dir: bundle,
        runtime,
        stdio,
        cgroup,
        log,
        streams,
        command,
        rootfs,
        places,
      })
      this.#filters.learn(unknownFilter, id)
      this.#watch(task, log)
      return { pid: task.record.pid, startedAt: task.record.startedAt }
    } catch (error) {
      log?.close()
      this.#resolvers.close(id)
      this.#drop(id)
      await clearCgroup(cgroup)
      await this.#oci.forget({ runtime, id })
      throw error
    }
  }

  async exec(request: ExecRequest): Promise<Operations['exec']['reply']> {
    const { id, containerId, stdio } = request
    const { runtime } = this.#running(containerId).record
    const dir = join(this.#tasksDir, id)
    mkdirSync(dir, { mode: 0o700 })
    writeFileSync(join(dir, 'process.json'), JSON.stringify(request.process))
    const command = (options: readonly string[]) => [
      'exec',
      '--detach',
      '--process',
      join(dir, 'process.json'),
      ...options,
      containerId,
    ]
    try {
      const task = await launch(this.#oci, {
        id,
        containerId,
        dir,
        runtime,
        stdio,
        streams: this.streamsOf(id),
        command,
      })
      this.#watch(task)
      return { pid: task.record.pid }
    } catch (error) {
      this.forget({ id })
      throw error
    }
  }

  signal({ id, signal }: { readonly id: string; readonly signal: number }): object {
    this.#running(id).signal(signal)
    return {}
  }

  pause({ id, paused }: { readonly id: string; readonly paused: boolean }): object {
    const task = this.#running(id)
    setFrozen(task.record.cgroup ?? '', paused)
    task.paused = paused
    return {}
  }

  async checkpoint(request: CheckpointRequest): Promise<object> {
    const { record } = this.#running(request.id)
    await saveTask(this.#oci, record, request, join(this.#tasksDir, request.id))
    return {}
  }

  resize({ id, height, width }: { readonly id: string; readonly height: number; readonly width: number }): object {
    this.#running(id).resize(height, width)
    return {}
  }

  dns({ id, config }: Operations['dns']['request']): object {
    const dir = join(this.#tasksDir, id)
    const task = this.#tasks.get(id)
    if (this.#resolvers.update(id, dir, config) || !task || task.exit) return {}
    this.#resolvers.open(id, dir, `/proc/${task.record.pid}/ns/net`, config)
    return {}
  }

  async proxy({ id, ports }: Operations['proxy']['request']): Promise<object> {
    if (ports.length) await this.#proxies.set(id, join(this.#tasksDir, id), ports)
    else this.#proxies.close(id)
    return {}
  }

  /**
   * Starts under way are waited for, as who asked for them may be gone, and whoever asks now must find them. What a
   * stuck runtime may start later is nobody's, and ends at once.
   */
  async list(): Promise<Operations['list']['reply']> {
    const patience = new AbortController()
    const late = delay(patienceMillis, undefined, { signal: patience.signal }).catch(() => {})
    await Promise.race([Promise.allSettled(this.#starting.values()), late])
    patience.abort()
    for (const id of this.#starting.keys()) this.#unwanted.add(id)
    return { tasks: [...this.#tasks.values()].map(task => task.info) }
  }

  forget({ id }: { readonly id: string }): object {
    this.#tasks.delete(id)
    this.#proxies.close(id)
    this.#drop(id)
    rmSync(join(this.#tasksDir, id), { recursive: true, force: true })
    return {}
  }

  #running(id: string): Task {
    const task = this.#tasks.get(id)
    if (!task || task.exit) throw new NoSuchTask(id)
    return task
  }

  #drop(id: string): void {
    this.#streams.get(id)?.close()
    this.#streams.delete(id)
  }

  #watch(task: Task, log?: ContainerLog, exitCode = this.#reaper.wait(task.record.pid, task.launchedAt)): void {
    this.#tasks.set(task.record.id, task)
    exitCode.then(code => this.#ended(task, code, log))
  }

  async #ended(task: Task, exitCode: number, log?: ContainerLog): Promise<void> {
    const { id, containerId, cgroup, runtime } = task.record
    const exitedAt = formatNanos(nowNanos())
    const oomKilled = wasOomKilled(cgroup)
    task.isReaped = true
    this.#resolvers.close(id)
    this.#proxies.close(id)
    await drain(task.streams)
    log?.close()
    task.exit = { exitCode, exitedAt, oomKilled }
    if (oomKilled) this.#notify({ event: 'oom', id })
    this.#notify({ event: 'exit', id, ...(containerId && { containerId }), ...task.exit })
    this.#drop(id)
    if (cgroup) this.#clear(id, runtime, cgroup)
  }

  /** Removes what the runtime and the kernel keep of a container that has ended: before its next start, not after. */
  #clear(id: string, runtime: RuntimeBinary, cgroup: string): void {
    const done = clearCgroup(cgroup)
      .then(() => this.#oci.forget({ runtime, id }))
      .catch(() => {}) // the next start says what is wrong with it
      .finally(() => this.#clearing.delete(id))
    this.#clearing.set(id, done)
  }

  /** What was about to start when the former supervisor died: whoever wants it asks again. */
  async #undo(dir: string, record: TaskRecord): Promise<void> {
    const { id, containerId, runtime } = record
    const owner = containerId === undefined ? record : readRecord(join(this.#tasksDir, containerId))
    const cgroup = owner?.cgroup ?? ''
    await endHalfLaunched(dir, record, cgroup)
    if (containerId === undefined) this.#clear(id, runtime, cgroup)
    else this.forget({ id })
    await this.#clearing.get(id)
  }

  /** Finds the processes of a supervisor that is gone. */
  #recover(): void {
    for (const id of readdirSync(this.#tasksDir)) {
      const dir = join(this.#tasksDir, id)
      const record = readRecord(dir)
      if (!record || isHalfLaunched(record)) this.#proxies.reopen(id, dir)
      if (!record) continue
      if (isHalfLaunched(record)) {
        this.#clearing.set(id, this.#undo(dir, record))
        continue
      }
      const orphan = findOrphan(record, dir)
      const task = new Task(record, this.streamsOf(id))
      if (record.cgroup) task.paused = isFrozen(record.cgroup)
      void orphan.log.then(log => {
        const pipes = orphan.openPipes?.()
        if (pipes) task.streams.open(record.stdio, pipes, (output, chunk) => log?.write(output, chunk))
        this.#watch(task, log, orphan.exitCode)
      })
      if (orphan.openPipes || record.stdio.tty) this.#resolvers.reopen(id, dir, record.pid)
      if (record.containerId === undefined) this.#proxies.reopen(id, dir)
      this.#tasks.set(id, task)
    }
  }
}
