import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

export interface LinkOptions {
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** of a UNIX socket, instead of host and port */
  readonly path?: string | undefined
  readonly tls?: ConnectionOptions | undefined
  /** milliseconds between two attempts to connect again */
  readonly retryMillis?: number
}

const unsentLimit = 8 << 20

/**
 * A stream to a log server that comes back: while there is no connection, messages wait, up to 8 MiB, and the oldest
 * are given up beyond that.
 */
export class Link {
  readonly #options: LinkOptions
  #socket: Socket | undefined
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #isClosed = false
  #wake: (() => void)[] = []

  private constructor(options: LinkOptions) {
    this.#options = options
  }

  /** @param mustConnect throw when nobody answers, instead of trying again and again */
  static async open(options: LinkOptions, mustConnect: boolean): Promise<Link> {
    const link = new Link(options)
    if (mustConnect) link.#use(await connectOnce(options))
    else void link.#connect()
    return link
  }

  get pendingBytes(): number {
    return this.#waitingBytes + (this.#socket?.writableLength ?? 0)
  }

  write(bytes: Buffer): void {
    if (this.#socket) {
      this.#socket.write(bytes)
      return
    }
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    while (this.#waitingBytes > unsentLimit) this.#waitingBytes -= this.#waiting.shift()!.length
  }

  drained(): Promise<void> {
    return new Promise(resolve => this.#wake.push(resolve))
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.end()
    this.#release()
  }

  #release(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  #use(socket: Socket): void {
    this.#socket = socket
    socket.unref()
    socket.on('drain', () => this.#release())
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#socket = undefined
      if (!this.#isClosed) void this.#connect()
    })
    for (const bytes of this.#waiting.splice(0)) socket.write(bytes)
    this.#waitingBytes = 0
    this.#release()
  }

  async #connect(): Promise<void> {
    while (!this.#isClosed) {
      const socket = await connectOnce(this.#options).catch(() => undefined)
      if (socket) return this.#use(socket)
      await delay(this.#options.retryMillis ?? 1000, undefined, { ref: false })
    }
  }
}

function connectOnce({ host, port, path, tls }: LinkOptions): Promise<Socket> {
  const socket = path ? connectTcp(path) : tls ? connectTls({ ...tls, host, port }) : connectTcp({ host, port: port! })
  return new Promise((resolve, reject) => {
    socket.once(tls ? 'secureConnect' : 'connect', () => resolve(socket))
    socket.once('error', error => reject(new Error(dialText(error, { host, port, path }), { cause: error })))
  })
}

/** As Go's clients put it. */
function dialText(
  error: Error,
  { host, port, path }: { host?: string | undefined; port?: number | undefined; path?: string | undefined },
): string {
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connect: connection refused',
    ENOENT: 'connect: no such file or directory',
  }
  const where = path ? `unix ${path}` : `tcp ${host}:${port}`
  return `dial ${where}: ${reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? error.message}`
}
