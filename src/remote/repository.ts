import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { type Digest, digestOf, isDigest } from '../spec/digest.ts'
import type { RegistryAuth } from '../spec/engine-api/engine.ts'
import { type Descriptor, mediaTypes } from '../spec/oci-image.ts'
import { type Reference, repositoryOf } from '../spec/reference.ts'
import type { RemoteConfig } from './config.ts'
import { endpointsOf } from './endpoints.ts'
import { type HttpResponse, NetworkError, readBody } from './http.ts'
import { isTransient, ping, retryDelayMillis, Session } from './session.ts'

const manifestTypes = [
  mediaTypes.dockerManifest,
  mediaTypes.dockerList,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
]

export interface FetchedManifest {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
}

/** One repository of one registry, as the distribution specification has it. */
export class Repository {
  readonly #session: Session
  readonly #path: string

  constructor(session: Session, path: string) {
    this.#session = session
    this.#path = path
  }

  /** @throws EngineError `invalid` when the bytes are not those of the digest asked for */
  async manifest(tagOrDigest: string, { signal }: Cancellable = {}): Promise<FetchedManifest> {
    const response = await this.#session.retrying({
      method: 'GET',
      url: `/v2/${this.#path}/manifests/${tagOrDigest}`,
      headers: { Accept: manifestTypes.join(', ') },
      signal,
    })
    const bytes = await readBody(response)
    const digest = digestOf(bytes)
    if (isDigest(tagOrDigest) && digest !== tagOrDigest)
      throw new EngineError('invalid', `manifest verification failed for digest ${tagOrDigest}`)
    const mediaType = mediaTypeOf(response.headers['content-type'], bytes)
    return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
  }

  /** Undefined when the registry does not have it. */
  async headManifest(tagOrDigest: string, { signal }: Cancellable = {}): Promise<Digest | undefined> {
    const response = await this.#session.retrying({
      method: 'HEAD',
      url: `/v2/${this.#path}/manifests/${tagOrDigest}`,
      headers: { Accept: manifestTypes.join(', ') },
      accept: [404],
      signal,
    })
    response.resume()
    return response.statusCode === 404 ? undefined : response.headers['docker-content-digest']?.toString()
  }

  /**
   * Bytes of a blob from `offset` on. One attempt: the caller knows how far it came and asks again.
   *
   * @throws NetworkError or RegistryError; the stream itself fails with ECONNRESET and the like
   */
  async blob(digest: Digest, offset: number, { signal }: Cancellable = {}): Promise<Readable> {
    const url = `/v2/${this.#path}/blobs/${digest}`
    const headers = offset > 0 ? { Range: `bytes=${offset}-` } : {}
    const response = await this.#session.request({ method: 'GET', url, headers, signal })
    return offset > 0 && response.statusCode === 200 ? skip(response, offset) : response
  }

  /**
   * All of a small blob, verified; asked for again when the connection breaks.
   *
   * @throws EngineError `invalid` when it is larger than `limit`, or has another digest
   */
  async smallBlob(digest: Digest, limit: number, { signal }: Cancellable = {}): Promise<Buffer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const url = `/v2/${this.#path}/blobs/${digest}`
        const bytes = await readBody(await this.#session.retrying({ method: 'GET', url, signal }), limit)
        if (digestOf(bytes) === digest) return bytes
        throw new EngineError('invalid', `blob verification failed for digest ${digest}`)
      } catch (error) {
        if (attempt >= 3 || error instanceof EngineError || signal?.aborted) throw error
      }
    }
  }

  async hasBlob(digest: Digest, { signal }: Cancellable = {}): Promise<boolean> {
    const url = `/v2/${this.#path}/blobs/${digest}`
    const response = await this.#session.retrying({ method: 'HEAD', url, accept: [404], signal })
    response.resume()
    return response.statusCode !== 404
  }

  /** True when the registry took the blob from its other repository `from`, without an upload. */
  async mount(digest: Digest, from: string, { signal }: Cancellable = {}): Promise<boolean> {
    const query = new URLSearchParams({ mount: digest, from })
    const url = `/v2/${this.#path}/blobs/uploads/?${query}`
    const response = await this.#session.request({ method: 'POST', url, accept: [401, 403, 404, 405], signal })
    response.resume()
    if (response.statusCode === 202 && response.headers.location)
      void this.#session.request({ method: 'DELETE', url: response.headers.location, accept: [404, 405] }).then(
        answer => answer.resume(),
        () => {},
      )
    return response.statusCode === 201
  }

  /**
   * Uploads a blob in one stream. What breaks in the middle goes on where the registry says that it came.
   *
   * @param source the bytes from an offset on; asked again for each attempt
   */
  async upload(
    { digest, size }: Descriptor,
    source: (start: number) => Readable,
    { signal }: Cancellable = {},
  ): Promise<void> {
    const started = await this.#session.retrying({ method: 'POST', url: `/v2/${this.#path}/blobs/uploads/`, signal })
    started.resume()
    const first = this.#place(started)
    const place = size < resumableBytes ? undefined : await this.#send(first, size, source, signal)
    const url = withDigest(place ?? first, digest)
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(place ? 0 : size) }
    const request = { method: 'PUT', url, headers, signal } as const
    const response = place
      ? await this.#session.retrying(request)
      : await this.#session.request({ ...request, body: source(0) })
    response.resume()
  }

  /** Sends all bytes to an upload, going on where it broke; returns where the upload is then. */
  async #send(
    first: URL,
    size: number,
    source: (start: number) => Readable,
    signal: AbortSignal | undefined,
  ): Promise<URL> {
    let at: { readonly url: URL; readonly offset: number } = { url: first, offset: 0 }
    for (let attempt = 1; ; attempt++) {
      const range = at.offset > 0 ? { 'Content-Range': `${at.offset}-${size - 1}` } : {}
      const length = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(size - at.offset) }
      try {
        const request = { method: 'PATCH', url: at.url, headers: { ...length, ...range }, signal } as const
        const response = await this.#session.request({ ...request, body: source(at.offset) })
        response.resume()
        return this.#place(response, at.url)
      } catch (error) {
        if (attempt >= uploadAttempts || !isTransient(error) || signal?.aborted) throw error
        await sleep(retryDelayMillis(error, attempt), undefined, signal ? { signal } : {})
        const state = await this.#uploadState(at.url, signal)
        if (!state || state.offset > size) throw error // the caller begins anew
        if (state.offset === size) return state.url
        at = state
      }
    }
  }

  /** How far an upload has come; undefined when the registry cannot tell. */
  async #uploadState(url: URL, signal: AbortSignal | undefined) {
    const response = await this.#session.request({ method: 'GET', url, accept: [400, 404, 405, 416], signal })
    response.resume()
    const end = /^(?:bytes=)?0-(\d+)$/.exec(response.headers.range?.toString() ?? '')?.[1]
    if (response.statusCode >= 300) return undefined
    const offset = end === undefined ? 0 : Number(end) + 1
    return { url: this.#place(response, url), offset: offset === 1 ? 0 : offset }
  }

  #place({ headers }: HttpResponse, known?: URL): URL {
    if (headers.location) return this.#session.resolve(headers.location)
    if (known) return known
    throw new EngineError('internal', 'the registry did not say where to upload')
  }

  async putManifest(
    tagOrDigest: string,
    mediaType: string,
    bytes: Buffer,
    { signal }: Cancellable = {},
  ): Promise<void> {
    const url = `/v2/${this.#path}/manifests/${tagOrDigest}`
    const headers = { 'Content-Type': mediaType, 'Content-Length': String(bytes.length) }
    const response = await this.#session.retrying({ method: 'PUT', url, headers, body: bytes, signal })
    response.resume()
  }

  async tags({ signal }: Cancellable = {}): Promise<readonly string[]> {
    const tags: string[] = []
    for (let url: string | undefined = `/v2/${this.#path}/tags/list`; url !== undefined; ) {
      const response: HttpResponse = await this.#session.retrying({ method: 'GET', url, signal })
      tags.push(...(JSON.parse((await readBody(response)).toString()).tags ?? []))
      url = /<([^>]+)>;\s*rel="?next/.exec(response.headers.link?.toString() ?? '')?.[1]
    }
    return tags
  }
}

/** Smaller ones are sent again: a request less. */
const resumableBytes = 4 << 20
const uploadAttempts = 5

function withDigest(place: URL, digest: Digest): URL {
  const url = new URL(place)
  url.searchParams.set('digest', digest)
  return url
}

/** For servers that know no ranges. */
async function skip(response: HttpResponse, offset: number): Promise<Readable> {
  let left = offset
  response.pause()
  const { PassThrough } = await import('node:stream')
  const rest = new PassThrough()
  response.on('data', (chunk: Buffer) => {
    const cut = Math.min(left, chunk.length)
    left -= cut
    if (cut < chunk.length && !rest.write(chunk.subarray(cut))) {
      response.pause()
      rest.once('drain', () => response.resume())
    }
  })
  response.once('end', () => rest.end())
  response.once('error', error => rest.destroy(error))
  response.once('aborted', () => rest.destroy(new Error('unexpected EOF')))
  rest.once('close', () => response.destroy())
  response.resume()
  return rest
}

/** What the manifest says of itself, since registries mislabel. */
function mediaTypeOf(header: string | undefined, bytes: Buffer): string {
  const type = header?.split(';')[0]?.trim() ?? ''
  if (manifestTypes.includes(type)) return type
  const body = JSON.parse(bytes.toString())
  if (typeof body.mediaType === 'string') return body.mediaType
  return Array.isArray(body.manifests) ? mediaTypes.ociIndex : mediaTypes.ociManifest
}

export type Access = 'pull' | 'pull,push'

/**
 * Finds the endpoint that answers for `reference` and runs `body` with it; goes on to the next one when an endpoint
 * cannot be reached or, being a mirror, does not have what was asked.
 */
export async function withRepository<T>(
  reference: Reference,
  access: Access,
  options: {
    readonly auth?: RegistryAuth | undefined
    readonly config: RemoteConfig
    readonly mountFrom?: readonly string[]
  } & Cancellable,
  body: (repository: Repository) => Promise<T>,
): Promise<T> {
  const scopes = [
    `repository:${reference.path}:${access}`,
    ...(options.mountFrom ?? []).map(path => `repository:${path}:pull`),
  ]
  let failure: unknown
  for (const endpoint of endpointsOf(reference.domain, options.config)) {
    if (endpoint.isMirror && access !== 'pull') continue
    const session = new Session(endpoint, scopes, options.auth, options.config)
    let reached = false
    try {
      await ping(session, options)
      reached = true
      return await body(new Repository(session, reference.path))
    } catch (error) {
      if (options.signal?.aborted) throw error
      failure = error
      if (!endpoint.isMirror && (reached || !(error instanceof NetworkError))) throw error
    }
  }
  throw failure ?? new EngineError('not-found', `no endpoint for ${repositoryOf(reference)}`)
}
