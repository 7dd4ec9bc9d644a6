import type { IncomingHttpHeaders } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import type { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import type { ContentStore } from '../content/content-store.ts'
import type { Access } from './access.ts'
import type { AuditEntry, AuditLog } from './audit.ts'
import type { Identity } from './identity.ts'
import type { Metrics } from './metrics.ts'
import type { Quotas } from './quotas.ts'
import type { RateLimiter } from './rate-limit.ts'
import type { Repositories } from './repositories.ts'
import type { SharedIndex } from './shared/shared-index.ts'
import type { SharedUploads } from './shared/shared-uploads.ts'
import type { Uploads } from './uploads.ts'
import type { Upstreams } from './upstreams.ts'
import type { RegistryEvent } from './webhooks.ts'

/** What the handlers work with. */
export interface Context {
  readonly content: ContentStore
  readonly repositories: Repositories
  readonly uploads: Uploads | SharedUploads
  /** other registries work on the same store */
  readonly shared?: SharedIndex | undefined
  readonly access: Access
  /** whether a tag is set once and stays */
  readonly isFixedTag: (tag: string) => boolean
  /** by digest: storing bytes and saying who uses them is one step to the collector */
  readonly locks: KeyedMutex
  readonly log: Log
  readonly metrics: Metrics
  readonly quotas: Quotas
  readonly emit: (event: RegistryEvent) => void
  /** registries that this one keeps copies of */
  readonly upstreams?: Upstreams | undefined
  readonly limiter?: RateLimiter | undefined
  readonly audit?: AuditLog | undefined
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
  /** how the client reached us: `http://host:port` */
  readonly origin?: string
  /** hears who asked for what, for the audit log */
  readonly seen?: (entry: Partial<AuditEntry>) => void
}

/** A request whose path is understood. */
export interface Call {
  readonly request: RegistryRequest
  readonly identity: Identity
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
