import { Duplex, Readable } from 'node:stream'
import { EngineError } from '../base/errors.ts'
import { parseJson } from '../base/json.ts'
import { ByteReader } from './byte-reader.ts'

export interface HttpRequest {
  readonly method: string
  /** path with query */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Readable | undefined
  readonly signal?: AbortSignal | undefined
}

export interface HttpResponse {
  readonly status: number
  /** names in lower case */
  readonly headers: ReadonlyMap<string, string>
  readonly body: AsyncGenerator<Uint8Array, void>
}

/** A socket that speaks HTTP/1.1, one exchange after the other. */
export interface Wire {
  readonly socket: Duplex
  readonly reader: ByteReader
}

export const wireOf = (socket: Duplex): Wire => ({ socket, reader: new ByteReader(socket) })

const brokenOff = () => new EngineError('unavailable', 'error during connect: unexpected EOF')

function head({ method, target, headers, body }: HttpRequest): string {
  const lines = [`${method} ${target} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  if (typeof body === 'string') lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  else if (body) lines.push('Transfer-Encoding: chunked')
  else if (method !== 'GET' && method !== 'HEAD') lines.push('Content-Length: 0')
  return `${lines.join('\r\n')}\r\n\r\n`
}

const drained = (socket: Duplex): Promise<void> =>
  new Promise(resolve => {
    const done = () => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })

async function sendChunks(socket: Duplex, body: Readable): Promise<void> {
  for await (const part of body) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : (part as Uint8Array)
    if (bytes.length === 0) continue
    if (socket.destroyed) return
    socket.write(`${bytes.length.toString(16)}\r\n`)
    socket.write(bytes)
    if (!socket.write('\r\n')) await drained(socket)
  }
  socket.write('0\r\n\r\n')
}

async function* fixedBody(reader: ByteReader, length: number): AsyncGenerator<Uint8Array, void> {
  for (let left = length; left > 0; ) {
    const chunk = await reader.chunk(left)
    if (!chunk) throw brokenOff()
    left -= chunk.length
    yield chunk
  }
}

async function* chunkedBody(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const line = await reader.until('\r\n')
    if (line === undefined) throw brokenOff()
    const length = Number.parseInt(line, 16)
    if (Number.isNaN(length)) throw new EngineError('internal', `malformed chunk size "${line}"`)
    if (length > 0) yield* fixedBody(reader, length)
    if (length > 0) await reader.until('\r\n')
    else {
      while ((await reader.until('\r\n')) !== '');
      return
    }
  }
}

async function* endlessBody(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  for (let chunk = await reader.chunk(); chunk; chunk = await reader.chunk()) yield chunk
}

async function* noBody(): AsyncGenerator<Uint8Array, void> {}

function bodyOf(method: string, status: number, headers: ReadonlyMap<string, string>, reader: ByteReader) {
  if (method === 'HEAD' || status === 204 || status === 304) return noBody()
  if (headers.get('transfer-encoding')?.toLowerCase() === 'chunked') return chunkedBody(reader)
  const length = headers.get('content-length')
  return length === undefined ? endlessBody(reader) : fixedBody(reader, Number(length))
}

const parseHeaders = (lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    lines.map(line => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
    }),
  )

/** Sends one request and reads the head of its answer; the body waits in `body`. */
export async function exchange(wire: Wire, request: HttpRequest): Promise<HttpResponse> {
  const { socket, reader } = wire
  const { method, body, signal } = request
  const abort = () => socket.destroy()
  signal?.addEventListener('abort', abort, { once: true })
  socket.write(typeof body === 'string' ? head(request) + body : head(request))
  // An engine may refuse before it has read everything: the answer counts, not the rest of the upload.
  let uploadError: unknown
  if (body && typeof body !== 'string')
    void sendChunks(socket, body).catch(error => {
      uploadError = error
      socket.destroy()
    })
  for (;;) {
    const text = await reader.until('\r\n\r\n')
    if (text === undefined) {
      if (uploadError) throw uploadError
      throw signal?.aborted ? new EngineError('cancelled', 'context canceled') : brokenOff()
    }
    const [statusLine = '', ...lines] = text.split('\r\n')
    const status = Number(statusLine.split(' ')[1])
    if (status === 100) continue
    const headers = parseHeaders(lines)
    return { status, headers, body: status === 101 ? endlessBody(reader) : bodyOf(method, status, headers, reader) }
  }
}

/** The raw bytes after an upgrade; ending it closes our half only. */
export class HijackedStream extends Duplex {
  readonly #wire: Wire

  constructor(wire: Wire) {
    super({ allowHalfOpen: true })
    this.#wire = wire
  }

  override _read(): void {
    this.#wire.reader.chunk().then(
      chunk => this.push(chunk ?? null),
      error => this.destroy(error),
    )
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#wire.socket.write(chunk)) done()
    else void drained(this.#wire.socket).then(() => done())
  }

  override _final(done: () => void): void {
    this.#wire.socket.end(() => {})
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.socket.destroy()
    done(error)
  }
}

/** Everything that is left of a body, as text. */
export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts).toString()
}

/** JSON objects of a stream, however they are spaced. */
export async function* objectsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const part of body) {
    rest += decoder.decode(part, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line.trim()) yield* splitObjects(line)
  }
  if (rest.trim()) yield* splitObjects(rest)
}

function* splitObjects(line: string): Generator<unknown, void> {
  try {
    yield parseJson(line)
  } catch {
    for (const piece of line.split(/(?<=\})(?=\{)/)) yield parseJson(piece)
  }
}

export const toReadable = (body: AsyncIterable<Uint8Array>): Readable => Readable.from(body, { objectMode: false })
