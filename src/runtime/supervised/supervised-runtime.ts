import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { DnsConfig } from '../../spec/dns-config.ts'
import type { RuntimeProcess } from '../../spec/oci-runtime.ts'
import type { ProxiedPort } from '../../spec/proxied-port.ts'
import type { Notice } from '../../supervisor/protocol.ts'
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
import { attachTo, Connection, openSocket, SupervisorError } from './connection.ts'
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

/** Containers under a supervisor of their own, which is started when there is none and outlives the engine. */
export class SupervisedRuntime implements Runtime {
  readonly #options: SupervisedOptions
  #connection!: Connection
  #isClosed = false
  readonly #onExit: ((notice: ExitNotice) => void)[] = []
  readonly #onOom: ((id: string) => void)[] = []
  readonly #onRevival: ((tasks: readonly TaskInfo[]) => void)[] = []

  private constructor(options: SupervisedOptions) {
    this.#options = options
  }

  static async open(options: SupervisedOptions): Promise<SupervisedRuntime> {
    const runtime = new SupervisedRuntime(options)
    await runtime.#connect()
    return runtime
  }

  async start({
    program,
    ...request
  }: StartRequest & { readonly program: Program }): Promise<{ readonly pid: number; readonly startedAt: string }> {
    return this.#connection.call('start', request).catch(error => {
      throw toStartError(messageOf(error), 'create', program)
    })
  }

  async exec(request: ExecRequest & { readonly process: RuntimeProcess }): Promise<{ readonly pid: number }> {
    return this.#connection.call('exec', request).catch(error => {
      const { args, cwd } = request.process
      throw toStartError(messageOf(error), 'exec', { command: args![0]!, cwd })
    })
  }

  async signal(id: string, signal: number): Promise<void> {
    await this.#connection.call('signal', { id, signal }).catch(toKind)
  }

  async pause(id: string, paused: boolean): Promise<void> {
    await this.#connection.call('pause', { id, paused }).catch(toKind)
  }

  async checkpoint(request: CheckpointRequest): Promise<void> {
    await this.#connection.call('checkpoint', request).catch(toKind)
  }

  async updateDns(id: string, config: DnsConfig): Promise<void> {
    await this.#connection.call('dns', { id, config })
  }

  async setProxies(id: string, ports: readonly ProxiedPort[]): Promise<void> {
    await this.#connection.call('proxy', { id, ports })
  }

  async resize(id: string, height: number, width: number): Promise<void> {
    await this.#connection.call('resize', { id, height, width }).catch(toKind)
  }

  async list(): Promise<readonly TaskInfo[]> {
    return (await this.#connection.call('list', {})).tasks
  }

  async forget(id: string): Promise<void> {
    await this.#connection.call('forget', { id })
  }

  attach(request: AttachTask): Promise<Duplex> {
    return attachTo(this.#options.socketPath, request)
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
    if (end) await this.#connection.call('shutdown', {}).catch(() => {})
    this.#connection.close()
  }

  async #connect(): Promise<void> {
    const socket = await openSocket(this.#options.socketPath).catch(() => this.#startSupervisor())
    this.#connection = new Connection(socket, notice => this.#hear(notice))
    void this.#connection.closed.then(() => this.#revive())
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
  async #revive(): Promise<void> {
    if (this.#isClosed) return
    this.#options.log.warn('supervisor is gone, starting another')
    await this.#connect()
    const tasks = await this.list()
    for (const listener of this.#onRevival) listener(tasks)
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
