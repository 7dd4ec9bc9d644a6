import { EngineError } from '../base/errors.ts'
import { jsonErrorOf } from '../base/json-error.ts'
import { Secret } from '../base/secret.ts'
import { int64, integerProblem } from '../base/strconv.ts'
import type { Filters, RegistryAuth } from '../spec/engine-api/engine.ts'

/** Anything but these words is true, as in Docker. */
const falseWords = new Set(['', '0', 'no', 'false', 'none'])

export const boolQuery = (query: URLSearchParams, name: string, absent = false): boolean => {
  const value = query.get(name)
  return value === null ? absent : !falseWords.has(value.trim().toLowerCase())
}

/** @throws EngineError `internal` (sic) with the text of a function of Go's strconv */
function parseInteger(text: string, functionName: string): number {
  const problem = integerProblem(text, int64)
  if (problem) throw new EngineError('internal', `strconv.${functionName}: ${problem}`)
  return Number(text)
}

/** @throws EngineError `internal` (sic: Docker answers 500) with Go's text */
export function intQuery(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  return parseInteger(value, 'Atoi')
}

/** Seconds since 1970 with up to nine decimals, in nanoseconds. */
export function timestampQuery(query: URLSearchParams, name: string): bigint | undefined {
  const value = query.get(name)
  if (value === null || value === '') return undefined
  const [seconds = '', fraction] = value.split(/\.(.*)/s)
  parseInteger(seconds, 'ParseInt')
  if (fraction !== undefined) parseInteger(fraction, 'ParseInt')
  return BigInt(seconds.replace('+', '')) * 1_000_000_000n + BigInt((fraction ?? '').slice(0, 9).padEnd(9, '0'))
}

/** How many entries from the end; undefined for all of them, which is also what words and negative numbers mean. */
export function tailQuery(query: URLSearchParams): number | undefined {
  const value = query.get('tail') ?? 'all'
  return /^[+-]?\d+$/.test(value) && Number(value) >= 0 ? Math.abs(Number(value)) : undefined
}

/** `{"status":{"running":true}}`, or the older `{"status":["running"]}`. */
export function filtersQuery(query: URLSearchParams): Filters {
  const text = query.get('filters')
  if (text === null || text === '') return new Map()
  try {
    const parsed = JSON.parse(text) as Record<string, unknown> | null
    if (Array.isArray(parsed) || (parsed !== null && typeof parsed !== 'object')) throw new TypeError('not an object')
    return new Map(Object.entries(parsed ?? {}).map(([key, values]) => [key, toValues(values)] as const))
  } catch {
    throw new EngineError('invalid', 'invalid filter')
  }
}

function toValues(values: unknown): readonly string[] {
  if (Array.isArray(values) && values.every(value => typeof value === 'string')) return values
  if (values === null) return []
  if (typeof values !== 'object' || Object.values(values).some(isSet => typeof isSet !== 'boolean'))
    throw new TypeError('not a set of values')
  return Object.keys(values)
}

/** @throws EngineError `invalid` when a key is not among `allowed` */
export function checkFilters(filters: Filters, allowed: readonly string[]): Filters {
  for (const key of filters.keys()) {
    if (!allowed.includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
  }
  return filters
}

/** X-Registry-Auth: base64url of JSON; what cannot be read counts as none. */
export function decodeAuth(header: string | string[] | undefined): RegistryAuth | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  try {
    return toAuth(JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, string>)
  } catch {
    return undefined
  }
}

export function toAuth(fields: Readonly<Record<string, string | undefined>>): RegistryAuth {
  const { username, password, serveraddress, identitytoken, registrytoken } = fields
  return {
    ...(username && { username }),
    ...(password && { password: new Secret(password) }),
    ...(serveraddress && { serverAddress: serveraddress }),
    ...(identitytoken && { identityToken: new Secret(identitytoken) }),
    ...(registrytoken && { registryToken: new Secret(registrytoken) }),
  }
}

/** Height and width of a terminal: `h` and `w`. */
export function sizeQuery(query: URLSearchParams): { readonly height: number; readonly width: number } {
  const read = (name: string) => {
    const text = query.get(name) ?? ''
    const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (number >= 0 && number < 2 ** 32) return number % 2 ** 16 // all that a terminal can be told
    const problem = Number.isNaN(number) ? 'invalid syntax' : 'value out of range'
    throw new EngineError(
      'invalid',
      `invalid resize ${name === 'h' ? 'height' : 'width'} ${JSON.stringify(text)}: ${problem}`,
    )
  }
  return { height: read('h'), width: read('w') }
}

/**
 * The platforms that newer endpoints take as JSON, as `os/arch[/variant]`.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export const platformsQuery = (query: URLSearchParams, name: string): readonly string[] =>
  query.getAll(name).filter(Boolean).map(toPlatform)

function toPlatform(text: string): string {
  const { os, architecture, variant } = parsePlatformJson(text)
  const parts = [os, architecture, variant].filter(part => part !== undefined && part !== '')
  if (os && architecture && parts.every(part => typeof part === 'string')) return parts.join('/')
  throw new EngineError('invalid', 'both OS and Architecture must be provided')
}

function parsePlatformJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    throw new EngineError('invalid', `failed to parse platform: ${jsonErrorOf(text)}`)
  }
}
