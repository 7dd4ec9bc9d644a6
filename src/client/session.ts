import type { Duplex } from 'node:stream'
import { Readable } from 'node:stream'
import { EngineError, type ErrorKind } from '../base/errors.ts'
import type { EngineEndpoint, PingInfo, RawRequest } from '../spec/engine-api/connection.ts'
import { exchange, HijackedStream, type HttpResponse, textOf, type Wire, wireOf } from './http.ts'
import { dial } from './transport.ts'

/** The newest API this client speaks. */
export const clientApiVersion = '1.51'

const kinds: Readonly<Record<number, ErrorKind>> = {
  304: 'not-modified',
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  429: 'too-many-requests',
  501: 'not-implemented',
  503: 'unavailable',
}

/** Whether API version `a` is older than `b`. */
export function isBelow(a: string, b: string): boolean {
  const [left, right] = [a, b].map(version => version.split('.').map(Number))
  return (left![0]! - right![0]! || left![1]! - right![1]!) < 0
}

const older = (a: string, b: string): string => (isBelow(a, b) ? a : b)

const encodeQuery = (query: RawRequest['query'] = {}): string => {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .flatMap(([key, value]) => (Array.isArray(value) ? value : [value as string]).map(item => [key, item] as const))
  const text = pairs.map(([key, value]) => `${key}=${encodeURIComponent(value).replace(/%20/g, '+')}`).join('&')
  return text ? `?${text}` : ''
}

/** One engine at the other end: negotiated version, reused sockets, errors with Docker's words. */
export class Session {
  readonly endpoint: EngineEndpoint
  #idle: Wire[] = []
  #ping: Promise<PingInfo> | undefined

  constructor(endpoint: EngineEndpoint) {
    this.endpoint = endpoint
  }

  dial(): Promise<Duplex> {
    return dial(this.endpoint)
  }

  negotiate(): Promise<PingInfo> {
    this.#ping ??= this.#askPing()
    return this.#ping
  }

  async apiVersion(): Promise<string> {
    return this.endpoint.apiVersion ?? older((await this.negotiate()).apiVersion, clientApiVersion)
  }

  async #askPing(): Promise<PingInfo> {
    let answer = await this.#send({ method: 'HEAD', path: '/_ping' }, '')
    if (answer.status !== 200 && answer.status !== 500) {
      answer = await this.#send({ method: 'GET', path: '/_ping' }, '')
      await textOf(answer.body)
    }
    const { headers } = answer
    return {
      apiVersion: headers.get('api-version') ?? '1.24',
      osType: headers.get('ostype') ?? 'linux',
      experimental: headers.get('docker-experimental') === 'true',
      builderVersion: headers.get('builder-version') ?? '',
      swarm: headers.get('swarm') ?? '',
    }
  }

  async #wire(): Promise<Wire> {
    for (let wire = this.#idle.pop(); wire; wire = this.#idle.pop())
      if (!wire.reader.ended && !wire.socket.destroyed) return wire
    return wireOf(await dial(this.endpoint))
  }

  #release(wire: Wire): void {
    this.#idle.push(wire)
  }

  async *#keptAlive(wire: Wire, body: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
    let isWhole = false
    try {
      yield* body
      isWhole = true
    } finally {
      if (isWhole) this.#release(wire)
      else wire.socket.destroy()
    }
  }

  async #send(request: RawRequest, prefix: string, wire?: Wire): Promise<HttpResponse> {
    const { method, path, query, body, signal } = request
    const isStream = body instanceof Readable
    const text = body === undefined || isStream ? undefined : JSON.stringify(body)
    const type =
      text !== undefined ? { 'Content-Type': 'application/json' } : isStream ? { 'Content-Type': 'text/plain' } : {}
    const used = wire ?? (await this.#wire())
    const answer = await exchange(used, {
      method,
      target: `${prefix}${path}${encodeQuery(query)}`,
      headers: {
        Host: this.endpoint.host.startsWith('tcp') ? new URL(this.endpoint.host).host : 'api.moby.localhost',
        'User-Agent': 'Berth-Client/0.1.0 (linux)',
        ...this.endpoint.headers,
        ...type,
        ...request.headers,
      },
      body: isStream ? body : text,
      signal,
    })
    if (wire) return answer
    const isEmpty = method === 'HEAD' || answer.headers.get('content-length') === '0'
    if (!isEmpty && answer.status !== 204 && answer.status !== 304)
      return { ...answer, body: this.#keptAlive(used, answer.body) }
    this.#release(used)
    return answer
  }

  /** Sends a request under the negotiated version; anything but success is thrown. */
  async request(request: RawRequest): Promise<HttpResponse> {
    const prefix = `/v${await this.apiVersion()}`
    const answer = await this.#send(request, prefix)
    if (answer.status >= 200 && answer.status < 400) return answer
    throw await this.#failure(answer, prefix, request)
  }

  async #failure(answer: HttpResponse, prefix: string, { method, path, query }: RawRequest): Promise<EngineError> {
    const kind = kinds[answer.status] ?? 'internal'
    const text = method === 'HEAD' ? '' : (await textOf(answer.body)).trim()
    if (!text) {
      const route = `${this.endpoint.host.replace(/^unix:\/\/(.*)/, (_, p: string) => `http://${encodeURIComponent(p)}`)}${prefix}${path}${encodeQuery(query)}`
      return new EngineError(
        kind,
        `request returned ${statusText(answer.status)} for API route and version ${route}, check if the server supports the requested API version`,
      )
    }
    return new EngineError(kind, `Error response from daemon: ${jsonMessage(text, answer)}`)
  }

  /** Sends a request that turns the connection into raw bytes. */
  async hijack(request: RawRequest): Promise<HijackedStream> {
    const prefix = `/v${await this.apiVersion()}`
    const wire = wireOf(await dial(this.endpoint))
    const upgrade = { Connection: 'Upgrade', Upgrade: 'tcp' }
    const type = request.body ? {} : { 'Content-Type': 'text/plain' }
    const answer = await this.#send({ ...request, headers: { ...type, ...upgrade, ...request.headers } }, prefix, wire)
    if (answer.status === 101) return new HijackedStream(wire)
    const failure =
      answer.status >= 400
        ? await this.#failure(answer, prefix, request)
        : new EngineError('internal', `unable to upgrade to tcp, received ${answer.status}`)
    wire.socket.destroy()
    throw failure
  }

  close(): void {
    for (const wire of this.#idle.splice(0)) wire.socket.destroy()
  }
}

const statusTexts: Readonly<Record<number, string>> = {
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  400: 'Bad Request',
}
const statusText = (status: number): string => statusTexts[status] ?? String(status)

function jsonMessage(text: string, answer: HttpResponse): string {
  if (answer.headers.get('content-type') !== 'application/json') return text
  try {
    return String((JSON.parse(text) as { message?: string }).message ?? '').trim()
  } catch {
    return text
  }
}
