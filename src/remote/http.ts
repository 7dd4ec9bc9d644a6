import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { EngineError, messageOf } from '../base/errors.ts'
import type { RemoteConfig } from './config.ts'
import { agentFor } from './endpoints.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: URL
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readable | Uint8Array | string | undefined
  readonly signal?: AbortSignal | undefined
  readonly config: RemoteConfig
}

export type HttpResponse = http.IncomingMessage & { readonly statusCode: number }

/** The network, not the registry, said no: worth another try. */
export class NetworkError extends EngineError {
  constructor(message: string, options?: ErrorOptions) {
    super('internal', message, options)
    this.name = 'NetworkError'
  }
}

const idleMillis = 60_000

/** One request, no redirects followed; resolves when the headers are there. */
export async function send({ method, url, headers, body, signal, config }: HttpRequest): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>()
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method,
    agent: agentFor(url, config),
    headers: { 'User-Agent': config.userAgent ?? 'docker/28.5.2 (linux)', ...headers },
    timeout: idleMillis,
    ...(signal ? { signal } : {}),
  })
  request.once('timeout', () => request.destroy(new Error('i/o timeout')))
  request.once('response', response => resolve(response as HttpResponse))
  request.once('error', error => reject(signal?.aborted ? cancelled() : toNetworkError(method, url, error)))
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) request.end(body)
  else {
    body.once('error', error => request.destroy(error))
    body.pipe(request)
  }
  return promise
}

const cancelled = () => new EngineError('cancelled', 'context canceled')
const title = (method: string) => `${method[0]}${method.slice(1).toLowerCase()}`

/** The words of Go's net package, which users of Docker know. */
function toNetworkError(method: string, url: URL, error: Error): NetworkError {
  const cause = (error instanceof AggregateError ? error.errors.at(-1) : error) as NodeJS.ErrnoException
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const address = (cause as { address?: string }).address ?? url.hostname
  const dial = `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}`
  const texts: Readonly<Record<string, string>> = {
    ECONNREFUSED: `${dial}: connect: connection refused`,
    EHOSTUNREACH: `${dial}: connect: no route to host`,
    ENETUNREACH: `${dial}: connect: network is unreachable`,
    ETIMEDOUT: `${dial}: i/o timeout`,
    ENOTFOUND: `dial tcp: lookup ${url.hostname}: no such host`,
    EAI_AGAIN: `dial tcp: lookup ${url.hostname}: Temporary failure in name resolution`,
    ECONNRESET: 'EOF',
  }
  const text = texts[cause.code ?? ''] ?? messageOf(cause)
  return new NetworkError(`${title(method)} "${url}": ${text}`, { cause })
}

/** The whole body, for answers that are small. */
export async function readBody(response: HttpResponse, limit = 4 << 20): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    chunks.push(chunk)
    if ((size += chunk.length) > limit) throw new EngineError('invalid', 'the answer of the registry is too large')
  }
  return Buffer.concat(chunks)
}
