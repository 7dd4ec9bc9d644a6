import { connect, createServer, type Server, type Socket } from 'node:net'

export interface RecordedRequest {
  readonly line: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Headers that say what is asked, not who asks. */
const kept = ['content-type', 'transfer-encoding', 'upgrade', 'x-registry-auth', 'x-registry-config']

const headersOf = (lines: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )

/** Takes one chunked body off the front of `bytes`; undefined while it is not whole. */
function chunked(bytes: Buffer): { body: Buffer; rest: Buffer } | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16)
    if (bytes.length < end + 2 + size + 2) return undefined
    if (size === 0) return { body: Buffer.concat(parts), rest: bytes.subarray(end + 4) }
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}

class Watcher {
  #bytes: Buffer = Buffer.alloc(0)
  #isRaw = false
  readonly #take: (request: RecordedRequest) => void

  constructor(take: (request: RecordedRequest) => void) {
    this.#take = take
  }

  push(chunk: Buffer): void {
    if (this.#isRaw) return
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    while (this.#request());
  }

  #request(): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n')
    if (end < 0) return false
    const [line = '', ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n')
    const headers = headersOf(lines)
    const after = this.#bytes.subarray(end + 4)
    const length = Number(headers['content-length'] ?? 0)
    const whole =
      headers['transfer-encoding'] === 'chunked'
        ? chunked(after)
        : after.length >= length
          ? { body: after.subarray(0, length), rest: after.subarray(length) }
          : undefined
    if (!whole) return false
    this.#bytes = whole.rest
    this.#isRaw = headers.upgrade !== undefined
    this.#take({
      line: line.replace(/ HTTP\/1\.1$/, ''),
      headers: Object.fromEntries(Object.entries(headers).filter(([name]) => kept.includes(name))),
      body: whole.body.toString('latin1'),
    })
    return !this.#isRaw
  }
}

/** A UNIX socket that passes everything on to an engine and writes down what is asked of it. */
export class Recorder implements AsyncDisposable {
  readonly socket: string
  readonly #server: Server
  readonly #open = new Set<Socket>()
  #requests: RecordedRequest[] = []

  constructor(socket: string, target: string) {
    this.socket = socket
    this.#server = createServer({ allowHalfOpen: true }, client => this.#join(client, target))
  }

  listen(): Promise<this> {
    return new Promise(resolve => this.#server.listen(this.socket, () => resolve(this)))
  }

  #join(client: Socket, target: string): void {
    const engine = connect({ path: target, allowHalfOpen: true })
    const watcher = new Watcher(request => this.#requests.push(request))
    client.on('data', chunk => watcher.push(chunk as Buffer))
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#open.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#open.delete(from)
        to.destroySoon()
      })
    }
  }

  /** What was asked since the last call. */
  take(): readonly RecordedRequest[] {
    const taken = this.#requests
    this.#requests = []
    return taken
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
