import { createHash } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { Database } from '../../src/base/database.ts'
import { KeyedMutex } from '../../src/base/keyed-mutex.ts'
import { silentLog } from '../../src/base/log.ts'
import { MemoryContentStore } from '../../src/content/memory-content-store.ts'
import { type Access, openAccess } from '../../src/registry/access.ts'
import { dispatch } from '../../src/registry/dispatch.ts'
import { Metrics } from '../../src/registry/metrics.ts'
import { type Quota, Quotas } from '../../src/registry/quotas.ts'
import type { RateLimiter } from '../../src/registry/rate-limit.ts'
import { Repositories } from '../../src/registry/repositories.ts'
import type { Context, Reply } from '../../src/registry/request.ts'
import { type UploadLimits, Uploads } from '../../src/registry/uploads.ts'
import type { Upstreams } from '../../src/registry/upstreams.ts'
import type { RegistryEvent } from '../../src/registry/webhooks.ts'

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
export const ociIndex = 'application/vnd.oci.image.index.v1+json'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly text: string
  /** the first error code, or undefined */
  readonly code: string | undefined
}

export interface Lab {
  readonly context: Context
  /** milliseconds since 1970 that the registry sees; tests move it */
  clock: number
  /** what receivers would hear */
  readonly events: readonly RegistryEvent[]
  send(method: string, url: string, body?: string | Readable, headers?: Record<string, string>): Promise<Answer>
  /** Uploads in one request and returns the descriptor. */
  pushBlob(name: string, bytes: string): Promise<Descriptor>
  pushImage(name: string, reference: string, seed: string, more?: object): Promise<Descriptor>
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export const sha256 = (bytes: string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export const describe = (bytes: string, mediaType = 'application/octet-stream'): Descriptor => ({
  mediaType,
  digest: sha256(bytes),
  size: Buffer.byteLength(bytes),
})

const defaults: UploadLimits = { idleMillis: 60_000, maxOpen: 10, maxBytes: 1 << 20 }

export interface LabOptions extends Partial<UploadLimits> {
  readonly access?: Access
  readonly quotas?: readonly Quota[]
  readonly upstreams?: Upstreams
  readonly limiter?: RateLimiter
}

/** A registry in memory, asked without a socket. */
export function openLab({ access = openAccess, ...given }: LabOptions = {}): Lab {
  const now = () => lab.clock
  const content = new MemoryContentStore()
  const repositories = new Repositories(new Database(':memory:'), now)
  const uploads = new Uploads(content, { ...defaults, ...given }, now)
  const isFixedTag = (tag: string) => tag.startsWith('fixed')
  const locks = new KeyedMutex()
  const metrics = new Metrics()
  const events: RegistryEvent[] = []
  const quotas = new Quotas(given.quotas ?? [], repositories)
  const emit = (event: RegistryEvent) => void events.push(event)
  const more = { quotas, emit, upstreams: given.upstreams, limiter: given.limiter }
  const context: Context = {
    ...more,
    metrics,
    content,
    repositories,
    uploads,
    access,
    isFixedTag,
    locks,
    log: silentLog,
    now,
  }
  const send: Lab['send'] = async (method, url, body = '', headers = {}) => {
    const stream = body instanceof Readable ? body : Readable.from(body === '' ? [] : [Buffer.from(body)])
    const reply = await dispatch(context, { method, url, headers, body: stream, from: '192.0.2.1', origin: 'http://r' })
    const text = await textOf(reply.body)
    const code = reply.status >= 400 && text.startsWith('{') ? JSON.parse(text).errors[0].code : undefined
    return { status: reply.status, headers: reply.headers ?? {}, text, code }
  }
  const lab: Lab = {
    context,
    clock: 1e12,
    events,
    send,
    async pushBlob(name, bytes) {
      const answer = await send('POST', `/v2/${name}/blobs/uploads/?digest=${sha256(bytes)}`, bytes)
      if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`)
      return describe(bytes)
    },
    async pushImage(name, reference, seed, more = {}) {
      const config = await lab.pushBlob(name, `{"seed":${JSON.stringify(seed)}}`)
      const layers = [await lab.pushBlob(name, `layer of ${seed}`)]
      const manifest = JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config, layers, ...more })
      const target = reference === 'digest' ? sha256(manifest) : reference
      const answer = await send('PUT', `/v2/${name}/manifests/${target}`, manifest, { 'content-type': ociManifest })
      if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`)
      return describe(manifest, ociManifest)
    },
  }
  return lab
}

async function textOf(body: Reply['body']): Promise<string> {
  if (typeof body !== 'function') return (body ?? '').toString()
  const out = new PassThrough()
  const [chunks] = await Promise.all([out.toArray(), body(out).then(() => out.end())])
  return Buffer.concat(chunks).toString()
}
