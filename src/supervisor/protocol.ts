import type { DnsConfig } from '../spec/dns-config.ts'
import type { Mount, Place } from '../spec/mount.ts'
import type { ProxiedPort } from '../spec/proxied-port.ts'

// What the engine and the supervisor say to each other: frames of a 4-byte big-endian length and as many bytes of JSON.
// A connection that opens with `attach` becomes, after the reply, a raw stream; every other one stays a conversation.

export interface RuntimeBinary {
  readonly path: string
  readonly args: readonly string[]
  /** what it understands: `crun` wants pure v1 or v2 control groups */
  readonly kind: 'crun' | 'runc' | 'other'
}

/** Docker's json-file format, which `docker logs` reads whatever the driver is. */
export interface FileLogSettings {
  readonly path: string
  /** bytes; undefined is without limit */
  readonly maxSize?: number | undefined
  readonly maxFiles?: number | undefined
  /** gzip what is full */
  readonly compress?: boolean | undefined
  readonly attrs?: Readonly<Record<string, string>> | undefined
}

/** What log servers are told of a container. */
export interface LoggedContainer {
  readonly id: string
  readonly name: string
  readonly imageId: string
  readonly imageName: string
  readonly command: string
  /** RFC 3339 */
  readonly created: string
}

export interface RemoteLogSettings {
  readonly driver: 'syslog' | 'journald' | 'gelf' | 'fluentd'
  readonly options: Readonly<Record<string, string>>
  readonly tag: string
  readonly attrs: Readonly<Record<string, string>>
  readonly container: LoggedContainer
  /** set: what does not fit these bytes is dropped; undefined: the container waits */
  readonly bufferBytes?: number | undefined
}

/** Where a container's output is kept and sent. */
export interface LogSettings {
  readonly file?: FileLogSettings | undefined
  readonly remote?: RemoteLogSettings | undefined
}

export interface StdioSettings {
  readonly tty: boolean
  readonly stdin: boolean
  /** end of the first client's input is the end of the process's input */
  readonly stdinOnce: boolean
  readonly size?: { readonly height: number; readonly width: number } | undefined
}

export interface StartRequest {
  readonly id: string
  /** directory with config.json; the root file system is mounted at `rootfs` in it */
  readonly bundle: string
  readonly rootfs: readonly Mount[]
  /** what mounts of config.json name in the bundle: parts of volumes, images */
  readonly places?: readonly Place[] | undefined
  readonly runtime: RuntimeBinary
  readonly cgroup: string
  readonly stdio: StdioSettings
  readonly log: LogSettings
  /** the embedded resolver's knowledge, and the path of the network namespace it answers in */
  readonly dns?: { readonly config: DnsConfig; readonly namespace: string } | undefined
  readonly checkpoint?: { readonly imagePath: string; readonly workPath: string } | undefined
}

/** A file in the bundle that the runtime hands to CRIU when an annotation says so: https://criu.org/Configuration_files */
export const criuSettingsFile = 'criu.conf'

export interface CheckpointRequest {
  readonly id: string
  /** an empty directory */
  readonly imagePath: string
  /** where CRIU's logs go */
  readonly workPath: string
  readonly leaveRunning: boolean
}

export interface ExecRequest {
  readonly id: string
  readonly containerId: string
  /** an OCI `process` */
  readonly process: unknown
  readonly stdio: StdioSettings
}

export interface ExitInfo {
  /** -1: nobody could tell */
  readonly exitCode: number
  /** nanoseconds since 1970, decimal */
  readonly exitedAt: string
  readonly oomKilled: boolean
}

export interface TaskInfo {
  readonly id: string
  /** of the container that an exec runs in */
  readonly containerId?: string
  readonly pid: number
  readonly startedAt: string
  readonly paused: boolean
  readonly exit?: ExitInfo
}

/** Request → answer, by operation. */
export interface Operations {
  readonly start: {
    /** `again`: asked of a supervisor that died meanwhile; what came of that is taken for what is asked for now */
    readonly request: StartRequest & { readonly again?: boolean }
    readonly reply: { readonly pid: number; readonly startedAt: string }
  }
  readonly exec: { readonly request: ExecRequest; readonly reply: { readonly pid: number } }
  readonly signal: { readonly request: { readonly id: string; readonly signal: number }; readonly reply: object }
  readonly pause: { readonly request: { readonly id: string; readonly paused: boolean }; readonly reply: object }
  readonly checkpoint: { readonly request: CheckpointRequest; readonly reply: object }
  readonly resize: {
    readonly request: { readonly id: string; readonly height: number; readonly width: number }
    readonly reply: object
  }
  readonly dns: { readonly request: { readonly id: string; readonly config: DnsConfig }; readonly reply: object }
  /** listeners that the container has from now on, also before it starts */
  readonly proxy: {
    readonly request: { readonly id: string; readonly ports: readonly ProxiedPort[] }
    readonly reply: object
  }
  readonly list: { readonly request: object; readonly reply: { readonly tasks: readonly TaskInfo[] } }
  /** the engine has recorded the exit, or gave the container up: forget it and close its streams */
  readonly forget: { readonly request: { readonly id: string }; readonly reply: object }
  /** ends once no task is left */
  readonly shutdown: { readonly request: object; readonly reply: object }
}

export type Operation = keyof Operations

export interface AttachRequest {
  readonly op: 'attach'
  readonly id: string
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  /** no stdcopy frames although the process has no terminal */
  readonly raw?: boolean
}

export type Request =
  | { readonly [K in Operation]: { readonly op: K; readonly seq: number } & Operations[K]['request'] }[Operation]
  | AttachRequest

export type Reply =
  | { readonly seq: number; readonly ok: true; readonly value: unknown }
  | { readonly seq: number; readonly ok: false; readonly message: string; readonly code?: string | undefined }

export type Notice =
  | ({ readonly event: 'exit'; readonly id: string; readonly containerId?: string | undefined } & ExitInfo)
  | { readonly event: 'oom'; readonly id: string }

export function encodeFrame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message))
  const frame = Buffer.allocUnsafe(body.length + 4)
  frame.writeUInt32BE(body.length, 0)
  body.copy(frame, 4)
  return frame
}

/** Takes bytes as they come and gives whole messages; `rest` is what follows them. */
export class FrameDecoder {
  #buffer: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): void {
    this.#buffer = this.#buffer.length ? Buffer.concat([this.#buffer, chunk]) : chunk
  }

  next(): unknown {
    if (this.#buffer.length < 4) return undefined
    const end = 4 + this.#buffer.readUInt32BE(0)
    if (this.#buffer.length < end) return undefined
    const message: unknown = JSON.parse(this.#buffer.toString('utf8', 4, end))
    this.#buffer = this.#buffer.subarray(end)
    return message
  }

  rest(): Buffer {
    const rest = this.#buffer
    this.#buffer = Buffer.alloc(0)
    return rest
  }
}
