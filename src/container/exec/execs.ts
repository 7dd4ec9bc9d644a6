import type { Duplex } from 'node:stream'
import { EngineError, messageOf } from '../../base/errors.ts'
import type { AttachedStream, ExecConfig, ExecVerbs } from '../../spec/engine-api/engine.ts'
import type { ExecInspectResponse } from '../../spec/engine-api/exec.ts'
import type { ContainerDeps } from '../deps.ts'
import { execDetachKeysOf, withDetachKeys } from '../detach-keys.ts'
import { emitFor } from '../events.ts'
import { newId } from '../names.ts'
import type { ContainerRecord } from '../record.ts'
import type { ExecStore } from './exec-store.ts'
import { toExecProcess } from './process.ts'

/** @throws EngineError `conflict` with Docker's text when nothing can be run in it now */
function checkRunning(record: ContainerRecord, key: string): void {
  const { status } = record.state
  if (status === 'running') return
  if (status === 'paused')
    throw new EngineError('conflict', `Container ${key} is paused, unpause the container before exec`)
  if (status === 'restarting')
    throw new EngineError('conflict', `Container ${record.id} is restarting, wait until the container is running`)
  throw new EngineError('conflict', `container ${record.id} is not running`)
}

const commandText = ({ Cmd }: ExecConfig): string => `${Cmd![0]} ${Cmd!.slice(1).join(' ')}`

/** The verbs of `docker exec`. */
export class LocalExecs implements ExecVerbs {
  readonly #deps: ContainerDeps
  readonly #store: ExecStore
  /** containers whose end is listened for */
  readonly #watched = new Set<string>()
  /** processes that are on their way */
  readonly #starting = new Map<string, Promise<unknown>>()

  constructor(deps: ContainerDeps, store: ExecStore) {
    this.#deps = deps
    this.#store = store
  }

  async create(key: string, config: ExecConfig): Promise<{ readonly Id: string }> {
    if (!config.Cmd?.length) throw new EngineError('invalid', 'No exec command specified')
    const record = this.#deps.store.find(key)
    checkRunning(record, key)
    execDetachKeysOf(config.DetachKeys)
    toExecProcess(this.#deps, record, config)
    const id = newId()
    this.#store.put({ id, containerId: record.id, config, status: 'created', pid: 0, exitCode: null })
    this.#watch(record.id)
    emitFor(this.#deps, record, `exec_create: ${commandText(config)}`, { execID: id })
    return { Id: id }
  }

  async start(
    id: string,
    options: { readonly detach: boolean; readonly tty: boolean; readonly consoleSize?: readonly number[] | undefined },
  ): Promise<AttachedStream | undefined> {
    const exec = this.#store.find(id)
    if (exec.status === 'ended') throw new EngineError('conflict', `exec command ${id} has already run`)
    if (exec.status === 'running') throw new EngineError('conflict', `exec command ${id} is already running`)
    const record = this.#deps.store.find(exec.containerId)
    checkRunning(record, exec.containerId)
    const config = {
      ...exec.config,
      Tty: options.tty || (exec.config.Tty ?? false),
      ...(options.consoleSize && { ConsoleSize: options.consoleSize }),
    }
    const tty = config.Tty
    this.#store.put({ ...exec, config, status: 'running' })
    emitFor(this.#deps, record, `exec_start: ${commandText(config)}`, { execID: id })
    if (options.detach) {
      await this.#run(id, record, config)
      return undefined
    }
    const { AttachStdin = false, AttachStdout = false, AttachStderr = false } = config
    const stream = await this.#deps.runtime.attach({
      id,
      stdin: AttachStdin,
      stdout: AttachStdout,
      stderr: AttachStderr,
    })
    this.#run(id, record, config).catch(error => tell(stream, messageOf(error), tty))
    if (!tty || !AttachStdin) return { stream, tty }
    const untold = () => {} // Docker means to tell it, but does not
    return { stream: withDetachKeys(stream, execDetachKeysOf(config.DetachKeys), untold), tty }
  }

  async inspect(id: string): Promise<ExecInspectResponse> {
    const { config, containerId, status, exitCode, pid } = this.#store.find(id)
    const [entrypoint = '', ...args] = config.Cmd ?? []
    return {
      ID: id,
      Running: status === 'running',
      ExitCode: exitCode,
      ProcessConfig: {
        tty: config.Tty ?? false,
        entrypoint,
        arguments: args,
        privileged: config.Privileged ?? false,
        ...(config.User && { user: config.User }),
      },
      OpenStdin: config.AttachStdin ?? false,
      OpenStderr: config.AttachStderr ?? false,
      OpenStdout: config.AttachStdout ?? false,
      CanRemove: false,
      ContainerID: containerId,
      DetachKeys: config.DetachKeys ? Buffer.from(execDetachKeysOf(config.DetachKeys)).toString('base64') : '',
      Pid: pid,
    }
  }

  async resize(id: string, { height, width }: { readonly height: number; readonly width: number }): Promise<void> {
    const exec = this.#store.find(id)
    if (exec.status !== 'running')
      throw new EngineError('not-found', `NotFound: process does not exist ${id}: not found`)
    // clients resize as soon as they have the stream, which comes before the process
    await this.#starting.get(id)
    await this.#deps.runtime.resize(id, height, width)
  }

  /** Called when the supervisor tells that an exec has ended. */
  ended(id: string, exitCode: number): void {
    const exec = this.#store.get(id)
    void this.#deps.runtime.forget(id)
    if (!exec) return
    this.#store.put({ ...exec, status: 'ended', exitCode })
    const record = this.#deps.store.get(exec.containerId)
    if (record) emitFor(this.#deps, record, 'exec_die', { execID: id, exitCode: String(exitCode) })
  }

  /** One listener a container, however many execs it has. */
  #watch(containerId: string): void {
    if (this.#watched.has(containerId)) return
    this.#watched.add(containerId)
    void this.#deps.lifecycle.next('exit', containerId).then(() => {
      this.#watched.delete(containerId)
      this.#store.dropUnstarted(containerId)
    })
  }

  async #run(id: string, record: ContainerRecord, config: ExecConfig): Promise<void> {
    const { deps, store } = { deps: this.#deps, store: this.#store }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#starting.set(id, promise)
    try {
      const stdio = { tty: config.Tty ?? false, stdin: config.AttachStdin ?? false, stdinOnce: true }
      const { pid } = await deps.runtime.exec({
        id,
        containerId: record.id,
        process: toExecProcess(deps, record, config),
        stdio,
      })
      const current = store.find(id)
      if (current.status === 'running') store.put({ ...current, pid })
    } catch (error) {
      const exitCode = exitCodeOf(messageOf(error))
      store.put({ ...store.find(id), status: 'ended', exitCode })
      throw error
    } finally {
      this.#starting.delete(id)
      resolve()
    }
  }
}

const exitCodeOf = (message: string): number => {
  if (/executable file not found|no such file/.test(message)) return 127
  return /Cwd must be/.test(message) ? 128 : 126
}

/** A failure to start is told in the stream itself, as Docker does. */
function tell(stream: Duplex, message: string, tty: boolean): void {
  const text = Buffer.from(`${message}\r\n`)
  const header = Buffer.alloc(8)
  header[0] = 1
  header.writeUInt32BE(text.length, 4)
  stream.unshift(tty ? text : Buffer.concat([header, text]))
}
