import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, hasCode, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { DnsConfig } from '../../spec/dns-config.ts'
import type { RuntimeProcess } from '../../spec/oci-runtime.ts'
import type { ProxiedPort } from '../../spec/proxied-port.ts'
import type { Notice, Operation, Operations } from '../../supervisor/protocol.ts'
import type {
  AttachTask,
  CheckpointRequest,
  ExecRequest,
  ExitNotice,
  Program,
  Runtime,
  StartRequest,
  TaskInfo,
} from '../runtime.ts'
import { attachTo, Connection, isGone, openSocket, SupervisorError } from './connection.ts'
import { toStartError } from './failure.ts'

export interface SupervisedOptions {
  readonly socketPath: string
  readonly execRoot: string
  /** program and arguments that start a supervisor */
  readonly command: readonly string[]
  readonly logPath: string
  readonly log: Log
}

const startMillis = 60_000
const retryMillis = 1000
const maxAttempts = 4

/** What does no harm when it happens twice. An exec would: nobody knows whether its command has run. */
const mayRepeat: ReadonlySet<Operation> = new Set([
  ...(['start', 'signal', 'pause', 'dns', 'proxy', 'resize', 'list', 'forget'] as const),
])

/** Containers under a supervisor of their own, which is started when there is none and outlives the engine. */
export class SupervisedRuntime implements Runtime {
  readonly #options: SupervisedOptions
  #connected: Promise<Connection>
  #isClosed = false
  readonly #onExit: ((notice: ExitNotice) => void)[] = []
  readonly #onOom: ((id: string) => void)[] = []
  readonly #onRevival: ((tasks: readonly TaskInfo[]) => void)[] = []

  private constructor(options: SupervisedOptions) {
    this.#options = options
    this.#connected = this.#connect()
  }

  static async open(options: SupervisedOptions): Promise<SupervisedRuntime> {
    const runtime = new SupervisedRuntime(options)
    await runtime.#connected
    return runtime
  }

  async start({
    program,
    ...request
  }: StartRequest & { readonly program: Program }): Promise<{ readonly pid: number; readonly startedAt: string }> {
    return this.#call('start', request).catch(error => {
      throw toStartError(messageOf(error), 'create', program)
    })
  }

  async exec(request: ExecRequest & { readonly process: RuntimeProcess }): Promise<{ readonly pid: number }> {
    return this.#call('exec', request).catch(error => {
      const { args, cwd } = request.process
      throw toStartError(messageOf(error), 'exec', { command: args![0]!, cwd })
    })
  }

  async signal(id: string, signal: number): Promise<void> {
    await this.#call('signal', { id, signal }).catch(toKind)
  }

  async pause(id: string, paused: boolean): Promise<void> {
    await this.#call('pause', { id, paused }).catch(toKind)
  }

  async checkpoint(request: CheckpointRequest): Promise<void> {
    await this.#call('checkpoint', request).catch(toKind)
  }

  async updateDns(id: string, config: DnsConfig): Promise<void> {
    await this.#call('dns', { id, config })
  }

  async setProxies(id: string, ports: readonly ProxiedPort[]): Promise<void> {
    await this.#call('proxy', { id, ports })
  }

  async resize(id: string, height: number, width: number): Promise<void> {
    await this.#call('resize', { id, height, width }).catch(toKind)
  }

  async list(): Promise<readonly TaskInfo[]> {
    return (await this.#call('list', {})).tasks
  }

  async forget(id: string): Promise<void> {
    await this.#call('forget', { id })
  }

  async attach(request: AttachTask): Promise<Duplex> {
    const connection = await this.#connected
    return attachTo(this.#options.socketPath, request).catch(async error => {
      if (!(isGone(error) || hasCode(error, 'ECONNREFUSED') || hasCode(error, 'ENOENT'))) throw error
      await connection.closed
      await this.#connected
      return attachTo(this.#options.socketPath, request)
    })
  }

  onExit(listener: (notice: ExitNotice) => void): void {
    this.#onExit.push(listener)
  }

  onOom(listener: (id: string) => void): void {
    this.#onOom.push(listener)
  }

  onRevival(listener: (tasks: readonly TaskInfo[]) => void): void {
    this.#onRevival.push(listener)
  }

  async close({ end = false } = {}): Promise<void> {
    this.#isClosed = true
    const connection = await this.#connected.catch(() => undefined)
    if (end) await connection?.call('shutdown', {}).catch(() => {})
    connection?.close()
  }

  /** Calls the supervisor that there is; when it dies, what may be asked twice is asked of the next one. */
  async #call<K extends Operation>(op: K, request: Operations[K]['request']): Promise<Operations[K]['reply']> {
    let asked = request
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#connected
      try {
        return await connection.call(op, asked)
      } catch (error) {
        if (!isGone(error) || !mayRepeat.has(op) || attempt === maxAttempts || this.#isClosed) throw error
        await connection.closed
        asked = { ...request, again: true }
      }
    }
  }

  async #connect(): Promise<Connection> {
    const socket = await openSocket(this.#options.socketPath).catch(() => this.#startSupervisor())
    const connection = new Connection(socket, notice => this.#hear(notice))
    void connection.closed.then(() => this.#revive())
    return connection
  }

  async #startSupervisor() {
    const { command, logPath, socketPath, log } = this.#options
    const [program, ...args] = command
    const output = openSync(logPath, 'a', 0o600)
    const child = spawn(program!, args, { detached: true, stdio: ['ignore', output, output] })
    closeSync(output)
    child.unref()
    log.info('supervisor started', { pid: child.pid })
    for (const start = Date.now(); Date.now() - start < startMillis; await delay(10)) {
      const socket = await openSocket(socketPath).catch(() => undefined)
      if (socket) return socket
      if (child.exitCode !== null) break
    }
    throw new EngineError('unavailable', `berth-supervisor did not start: see ${logPath}`)
  }

  /** The supervisor died under us: containers live on, a new one takes them up. */
  #revive(): void {
    if (this.#isClosed) return
    const { log } = this.#options
    log.warn('supervisor is gone, starting another')
    const connected = this.#connect()
    this.#connected = connected
    // before anything else is asked of it: so these are the tasks of the one that died
    connected
      .then(connection => this.#tellRevival(connection))
      .catch(async error => {
        log.error('no supervisor', { error })
        await delay(retryMillis)
        if (this.#connected === connected) this.#revive()
      })
  }

  async #tellRevival(connection: Connection): Promise<void> {
    try {
      const { tasks } = await connection.call('list', {})
      for (const listener of this.#onRevival) listener(tasks)
    } catch (error) {
      if (!isGone(error)) throw error // its successor is asked
    }
  }

  #hear(notice: Notice): void {
    if (notice.event === 'oom') for (const listener of this.#onOom) listener(notice.id)
    else for (const listener of this.#onExit) listener(notice)
  }
}

function toKind(error: unknown): never {
  if (error instanceof SupervisorError && error.code === 'ESRCH')
    throw new EngineError('not-found', error.message, { cause: error })
  throw error
}
