import type { IncomingHttpHeaders } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import type { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { Access } from './access.ts'
import type { Metrics } from './metrics.ts'
import type { Repositories } from './repositories.ts'
import type { Uploads } from './uploads.ts'

/** What the handlers work with. */
export interface Context {
  readonly content: ContentStore
  readonly repositories: Repositories
  readonly uploads: Uploads
  readonly access: Access
  /** whether a tag is set once and stays */
  readonly isFixedTag: (tag: string) => boolean
  /** by digest: storing bytes and saying who uses them is one step to the collector */
  readonly locks: KeyedMutex
  readonly log: Log
  readonly metrics: Metrics
  readonly now: () => number
}

export interface RegistryRequest {
  readonly method: string
  /** path and query as they came */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readable
  /** address of the peer */
  readonly from: string
}

/** A request whose path is understood. */
export interface Call {
  readonly request: RegistryRequest
  readonly query: URLSearchParams
  readonly name: string
  /** tag, digest or upload id, unchecked */
  readonly reference: string
}

export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  /** bytes, or what writes them */
  readonly body?: string | Buffer | ((out: Writable) => Promise<void>)
}

export type Handler = (context: Context, call: Call) => Reply | Promise<Reply>

export const json = (value: unknown, headers: Reply['headers'] = {}, status = 200): Reply => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(value),
})
