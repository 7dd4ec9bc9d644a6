import type { Duplex, Readable } from 'node:stream'
import type { Cancellable } from '../../base/cancellable.ts'
import type { Engine, OnProgress } from './engine.ts'

/** What `/_ping` tells before anything else is asked. */
export interface PingInfo {
  readonly apiVersion: string
  readonly osType: string
  readonly experimental: boolean
  readonly builderVersion: string
  readonly swarm: string
}

export interface RawRequest extends Cancellable {
  readonly method: string
  /** without the version, `/plugins` */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** an object is sent as JSON, a stream chunked */
  readonly body?: object | Readable | undefined
}

/** An engine that is reached over a wire, with the verbs that only a wire has. */
export interface EngineConnection extends Omit<Engine, 'build'> {
  /** as the user names it: `unix:///var/run/docker.sock` */
  readonly host: string
  /** Asks the engine once what it speaks; later calls answer from memory. */
  negotiate(): Promise<PingInfo>
  /** The version both sides speak, `1.51`. */
  apiVersion(): Promise<string>
  /** Endpoints without a verb of their own (plugins, swarm, checkpoints): parsed JSON, or undefined when empty. */
  requestJson(request: RawRequest): Promise<unknown>
  /** Like `requestJson`, for endpoints that answer with a stream of objects. */
  requestProgress(request: RawRequest, progress: OnProgress): Promise<void>
  /** Bytes to and from the engine's own socket, before any HTTP. */
  dial(): Promise<Duplex>
  /** Lets go of idle connections. */
  close(): void
}

/** Where an engine is and how to reach it. */
export interface EngineEndpoint {
  /** `unix://`, `tcp://`, `ssh://` */
  readonly host: string
  readonly tls?: {
    readonly ca?: Uint8Array | undefined
    readonly cert?: Uint8Array | undefined
    readonly key?: Uint8Array | undefined
    readonly verify: boolean
  }
  readonly headers?: Readonly<Record<string, string>>
  /** set by DOCKER_API_VERSION: no negotiation */
  readonly apiVersion?: string | undefined
}
