import { EngineError, type ErrorKind } from '../base/errors.ts'
import { type HttpResponse, readBody } from './http.ts'

/** What a registry said no with. Spec: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
export class RegistryError extends EngineError {
  readonly status: number
  readonly code: string
  /** seconds to wait, when the registry told */
  readonly retryAfterSeconds: number | undefined

  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super(kindOf(status), message)
    this.name = 'RegistryError'
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }

  get isTransient(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500
  }
}

function kindOf(status: number): ErrorKind {
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'not-found'
  return status === 429 ? 'too-many-requests' : 'internal'
}

interface ErrorBody {
  readonly errors?: readonly { readonly code?: string; readonly message?: string }[]
  readonly details?: string
}

/** Reads the answer to its end. */
export async function toRegistryError(response: HttpResponse): Promise<RegistryError> {
  const body = await readBody(response, 1 << 16).catch(() => Buffer.alloc(0))
  const status = response.statusCode
  const wait = parseRetryAfter(response.headers['retry-after'])
  const errors = parseErrors(body)
  const first = errors[0]
  if (!first?.code) {
    const text = `received unexpected HTTP status: ${status} ${response.statusMessage ?? ''}`.trim()
    return new RegistryError(status, defaultCodes[status] ?? 'UNKNOWN', defaultTexts[status] ?? text, wait)
  }
  const texts = errors.map(({ code = '', message = '' }) => `${code.toLowerCase().replaceAll('_', ' ')}: ${message}`)
  return new RegistryError(status, first.code, texts.join('\n'), wait)
}

/** Seconds from now, of seconds or a date. Spec: RFC 9110, section 10.2.3 */
export function parseRetryAfter(text: string | undefined, now = Date.now()): number | undefined {
  if (text === undefined) return undefined
  const seconds = /^\s*\d+\s*$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds)
}

const defaultCodes: Readonly<Record<number, string>> = { 401: 'UNAUTHORIZED', 403: 'DENIED', 404: 'UNKNOWN' }
const defaultTexts: Readonly<Record<number, string>> = {
  401: 'unauthorized: authentication required',
  403: 'denied: requested access to the resource is denied',
}

function parseErrors(body: Buffer): NonNullable<ErrorBody['errors']> {
  try {
    const { errors } = JSON.parse(body.toString()) as ErrorBody
    return Array.isArray(errors) ? errors : []
  } catch {
    return []
  }
}

/** Seconds that the registry asked to wait, up to a minute; undefined when it did not. */
export const retryAfterOf = (error: unknown): number | undefined =>
  error instanceof RegistryError && error.retryAfterSeconds !== undefined
    ? Math.min(error.retryAfterSeconds, 60)
    : undefined
