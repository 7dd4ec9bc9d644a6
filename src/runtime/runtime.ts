import type { Duplex } from 'node:stream'
import type { DnsConfig } from '../spec/dns-config.ts'
import type { RuntimeProcess } from '../spec/oci-runtime.ts'
import type { ProxiedPort } from '../spec/proxied-port.ts'
import type {
  AttachRequest,
  CheckpointRequest,
  ExecRequest,
  ExitInfo,
  StartRequest,
  TaskInfo,
} from '../supervisor/protocol.ts'

export type {
  CheckpointRequest,
  ExecRequest,
  ExitInfo,
  FileLogSettings,
  LogSettings,
  RemoteLogSettings,
  RuntimeBinary,
  StartRequest,
  StdioSettings,
  TaskInfo,
} from '../supervisor/protocol.ts'

export { criuSettingsFile } from '../supervisor/protocol.ts'

export interface ExitNotice extends ExitInfo {
  readonly id: string
  /** set when it was an exec */
  readonly containerId?: string | undefined
}

/** What is to be executed, for the text of a failure. */
export interface Program {
  readonly command: string
  readonly cwd: string
}

export type AttachTask = Omit<AttachRequest, 'op'>

/** Runs containers' processes and keeps them while the engine is away. */
export interface Runtime {
  /**
   * Starts the first process of a container; resolves once it executes the user's program.
   *
   * @throws EngineError with Docker's words when the program cannot be started
   */
  start(
    request: StartRequest & { readonly program: Program },
  ): Promise<{ readonly pid: number; readonly startedAt: string }>

  /** Starts one more process in a running container. */
  exec(request: ExecRequest & { readonly process: RuntimeProcess }): Promise<{ readonly pid: number }>

  /** @throws EngineError `not-found` when the task has ended */
  signal(id: string, signal: number): Promise<void>

  pause(id: string, paused: boolean): Promise<void>

  /**
   * Saves what the processes of a container have in memory and open.
   *
   * @throws Error with the runtime's own words, also where CRIU is missing
   */
  checkpoint(request: CheckpointRequest): Promise<void>

  /** What the container's embedded resolver knows from now on. */
  updateDns(id: string, config: DnsConfig): Promise<void>

  /**
   * Serves these ports of the host for the container from now on, and no others; also before it starts.
   *
   * @throws Error EADDRINUSE
   */
  setProxies(id: string, ports: readonly ProxiedPort[]): Promise<void>

  resize(id: string, height: number, width: number): Promise<void>

  /** Everything that runs, and what ended without the engine having said `forget`. */
  list(): Promise<readonly TaskInfo[]>

  /** The exit is recorded, or the task will never start: free what is kept of it and close its streams. */
  forget(id: string): Promise<void>

  /**
   * Streams of a task that runs or is about to be started: stdcopy frames without terminal, raw bytes with one.
   * The stream ends when the task has ended and all output is through.
   */
  attach(request: AttachTask): Promise<Duplex>

  /** Called once per ended task, also for what ended while the engine was away. */
  onExit(listener: (notice: ExitNotice) => void): void

  /** Called when a container lost a process for want of memory. */
  onOom(listener: (id: string) => void): void

  /** Called with all tasks after the keeper of the tasks itself had died and came back. */
  onRevival(listener: (tasks: readonly TaskInfo[]) => void): void

  /** Lets go; the tasks run on. With `end`, nobody stays behind once no task is left. */
  close(options?: { readonly end?: boolean }): Promise<void>
}
