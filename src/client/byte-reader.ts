import type { Duplex } from 'node:stream'

const highWaterBytes = 1 << 20

/** Pulls bytes out of a socket: chunks, header blocks, lines; stops the socket when nobody asks. */
export class ByteReader {
  readonly #socket: Duplex
  #chunks: Uint8Array[] = []
  #size = 0
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on('data', (chunk: Uint8Array) => this.#take(chunk))
    socket.on('end', () => this.#finish())
    socket.on('close', () => this.#finish())
    socket.on('error', (error: Error) => {
      this.#error = error
      this.#finish()
    })
  }

  #take(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    if (this.#size > highWaterBytes) this.#socket.pause()
    this.#wake?.()
  }

  #finish(): void {
    this.#ended = true
    this.#wake?.()
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The next bytes as they came; undefined at the end. */
  async chunk(maxBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0) {
      if (this.#ended) {
        if (this.#error) throw this.#error
        return undefined
      }
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const first = this.#chunks.shift()!
    if (first.length > maxBytes) this.#chunks.unshift(first.subarray(maxBytes))
    const taken = first.length > maxBytes ? first.subarray(0, maxBytes) : first
    this.#size -= taken.length
    if (this.#size < highWaterBytes / 2 && this.#socket.isPaused()) this.#socket.resume()
    return taken
  }

  /** Text up to `mark`, which is eaten; undefined when the peer ends first. */
  async until(mark: string): Promise<string | undefined> {
    let text = Buffer.alloc(0)
    for (;;) {
      const chunk = await this.chunk()
      if (!chunk) return undefined
      text = text.length === 0 ? Buffer.from(chunk) : Buffer.concat([text, chunk])
      const at = text.indexOf(mark)
      if (at < 0) continue
      const rest = text.subarray(at + mark.length)
      if (rest.length > 0) {
        this.#chunks.unshift(rest)
        this.#size += rest.length
      }
      return text.toString('latin1', 0, at)
    }
  }
}
