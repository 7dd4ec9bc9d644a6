import type { Readable } from 'node:stream'
import { EngineError } from '../base/errors.ts'
import { jsonErrorOf } from '../base/json-error.ts'
import type { Call } from './route.ts'
import { asDecoded, checkShape, type Shape } from './shape.ts'

/** Docker has no bound; nobody has a use for more. */
const maxJsonBytes = 64 << 20

async function readAll(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxJsonBytes) throw new EngineError('invalid', 'invalid JSON: http: request body too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Index after the first JSON value, for telling truncated text from trailing text; undefined when it is truncated. */
function endOfValue(text: string): number | undefined {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (inString) {
      if (char === '\\') i++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') depth++
    else if ((char === '}' || char === ']') && --depth === 0) return i + 1
  }
  return undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const end = endOfValue(text)
    if (end === undefined && /^\s*[[{"]/.test(text)) throw new EngineError('invalid', 'invalid JSON: unexpected EOF')
    if (end !== undefined && isJson(text.slice(0, end)))
      throw new EngineError('invalid', 'unexpected content after JSON')
    throw new EngineError('invalid', `invalid JSON: ${jsonErrorOf(text)}`)
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Go matches field names without regard to case, and some clients rely on it. */
function withKnownNames(value: unknown, shape: Shape): unknown {
  if (typeof value !== 'object' || value === null || typeof shape === 'string' || 'text' in shape) return value
  if ('list' in shape) return Array.isArray(value) ? value.map(item => withKnownNames(item, shape.list)) : value
  if (Array.isArray(value)) return value
  const entries = Object.entries(value)
  if ('map' in shape) return Object.fromEntries(entries.map(([key, item]) => [key, withKnownNames(item, shape.map)]))
  const canonical = new Map(Object.keys(shape.fields).map(name => [name.toLowerCase(), name]))
  return Object.fromEntries(
    entries
      .filter(([, item]) => item !== null) // to Go the same as none
      .map(([key, item]) => {
        const name = canonical.get(key.toLowerCase()) ?? key
        return [name, withKnownNames(item, shape.fields[name] ?? 'string')]
      }),
  )
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const mediaType = new RegExp(`^\\s*(${token}(?:/${token})?)\\s*(;.*)?$`, 's')
const parameters = new RegExp(`^(\\s*;\\s*${token}\\s*=\\s*(${token}|"(\\\\.|[^"\\\\])*"))*\\s*;?\\s*$`, 's')

function problemOf(type: string): string {
  if (type.startsWith('/')) return 'no media type'
  if (type.endsWith('/')) return 'expected token after slash'
  return type.includes('/') ? 'unexpected content after media subtype' : 'expected slash after first token'
}

/** @throws EngineError `invalid` in the words of Go's reader of media types */
function checkContentType(header: string): void {
  const malformed = (why: string) =>
    new EngineError('invalid', `malformed Content-Type header (${header}): mime: ${why}`)
  const first = header.split(';')[0]!.trim()
  if (first === '') throw malformed('no media type')
  const [, name, rest = ''] = mediaType.exec(header) ?? []
  if (name === undefined) throw malformed(problemOf(first))
  if (!parameters.test(rest)) throw malformed('invalid media parameter')
  if (name.toLowerCase() !== 'application/json')
    throw new EngineError('invalid', `unsupported Content-Type header (${header}): must be 'application/json'`)
}

export interface JsonOptions {
  /** no body at all gives `undefined` instead of an error */
  readonly optional?: boolean
  /** so does one of nothing but white space, as a commit has it */
  readonly mayBeBlank?: boolean
  /** what it must look like; field names are found in any case */
  readonly shape?: Shape
  /** Docker's name of the struct, for the text of an error */
  readonly name?: string
}

/**
 * The request's JSON document, as strict and as lenient as Docker reads it.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export async function readJson<T>(
  { headers, body }: Pick<Call, 'headers' | 'body'>,
  options: JsonOptions = {},
): Promise<T> {
  const text = await readAll(body)
  if (text === '' && options.optional) return undefined as T
  if (text !== '') checkContentType(headers['content-type'] ?? '')
  if (text.trim() === '' && options.mayBeBlank) return undefined as T
  if (text.trim() === '') throw new EngineError('invalid', 'invalid JSON: got EOF while reading request body')
  const { shape, name = '' } = options
  const value = parseJson(text)
  if (!shape) return value as T
  const known = withKnownNames(value, shape)
  checkShape(known, shape, name)
  return asDecoded(known, shape) as T
}
