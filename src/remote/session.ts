import { setTimeout as sleep } from 'node:timers/promises'
import type { Cancellable } from '../base/cancellable.ts'
import type { RegistryAuth } from '../spec/engine-api/engine.ts'
import { Authorizer } from './auth.ts'
import type { RemoteConfig } from './config.ts'
import type { Endpoint } from './endpoints.ts'
import { type HttpRequest, type HttpResponse, NetworkError, send } from './http.ts'
import { RegistryError, retryAfterOf, toRegistryError } from './registry-error.ts'

export type SessionRequest = Omit<HttpRequest, 'config' | 'url'> & {
  /** absolute, or a path below the registry's base */
  readonly url: URL | string
  /** statuses besides 2xx that the caller handles */
  readonly accept?: readonly number[]
}

const attempts = 5
const redirects = new Set([301, 302, 303, 307, 308])

/** Talks to one endpoint: answers challenges, follows redirects, retries what may be repeated. */
export class Session {
  readonly endpoint: Endpoint
  readonly #config: RemoteConfig
  readonly #authorizer: Authorizer

  constructor(endpoint: Endpoint, scopes: readonly string[], auth: RegistryAuth | undefined, config: RemoteConfig) {
    this.endpoint = endpoint
    this.#config = config
    // credentials belong to the registry, not to whoever mirrors it
    this.#authorizer = new Authorizer(endpoint.isMirror ? undefined : auth, scopes, config)
  }

  /** @throws RegistryError for any status that is neither 2xx nor in `accept`, NetworkError */
  async request(request: SessionRequest): Promise<HttpResponse> {
    const response = await this.#withAuth(request)
    const { statusCode } = response
    if ((statusCode >= 200 && statusCode < 300) || request.accept?.includes(statusCode)) return response
    throw await toRegistryError(response)
  }

  /** As request(), for requests that may be sent again: waits longer and longer, or as long as the registry says. */
  async retrying(request: SessionRequest): Promise<HttpResponse> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.request(request)
      } catch (error) {
        if (attempt >= attempts || !isTransient(error)) throw error
        await sleep(retryDelayMillis(error, attempt), undefined, {
          ...(request.signal ? { signal: request.signal } : {}),
        })
      }
    }
  }

  resolve(url: URL | string): URL {
    return typeof url === 'string' && url.startsWith('/')
      ? new URL(`${this.endpoint.base}${url}`)
      : new URL(url, this.endpoint.base)
  }

  async #withAuth(request: SessionRequest): Promise<HttpResponse> {
    const response = await this.#follow(request)
    const challenge = response.headers['www-authenticate']
    if (response.statusCode !== 401 || !challenge) return response
    // a stream has been read by now, unless the registry was asked before, which push does
    if (request.body && typeof request.body !== 'string' && !(request.body instanceof Uint8Array)) return response
    if (!(await this.#authorizer.learn(challenge, request.signal))) return response
    response.resume()
    return this.#follow(request)
  }

  /** Credentials go to the registry's own origin only. */
  async #follow(request: SessionRequest): Promise<HttpResponse> {
    let url = this.resolve(request.url)
    const { origin } = new URL(this.endpoint.base)
    for (let hops = 0; ; hops++) {
      const token = url.origin === origin ? this.#authorizer.header() : undefined
      const headers = { ...request.headers, ...(token ? { Authorization: token } : {}) }
      const response = await send({ ...request, url, headers, config: this.#config })
      const { location } = response.headers
      const mayFollow = request.method === 'GET' || request.method === 'HEAD'
      if (!mayFollow || !location || !redirects.has(response.statusCode) || hops >= 10) return response
      response.resume()
      const next = new URL(location, url)
      if (!/^https?:$/.test(next.protocol)) throw new NetworkError(`redirect to ${next.protocol} refused`)
      url = next
    }
  }
}

export const isTransient = (error: unknown): boolean =>
  error instanceof NetworkError || (error instanceof RegistryError && error.isTransient)

/** Before the next attempt; a registry's own Retry-After counts, up to a minute. */
export function retryDelayMillis(error: unknown, attempt: number): number {
  const told = retryAfterOf(error)
  return told === undefined ? Math.min(250 * 2 ** attempt, 5000) : told * 1000
}

/** Checks that an endpoint speaks the registry protocol, answering its challenge if it has one. */
export async function ping(session: Session, { signal }: Cancellable = {}): Promise<void> {
  const limit = AbortSignal.timeout(15_000)
  const both = signal ? AbortSignal.any([signal, limit]) : limit
  const response = await session.request({ method: 'GET', url: '/v2/', accept: [401, 403, 404], signal: both })
  response.resume()
}
