import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { windowBytes } from './protocol.ts'

const slotBytes = 256 * 1024
/** smaller ones may be in memory that is handed out in parts */
const pieceBytes = 16 * 1024
const slotCount = windowBytes / slotBytes

/**
 * Memory that two threads share, handed over slot by slot and used again: a fresh buffer for each message would keep
 * the garbage collector busier than the copying. While the other thread has something to do, slots are filled first:
 * each message wakes it, whatever its size.
 */
export class SlotRing {
  readonly #memory = new Uint8Array(new SharedArrayBuffer(windowBytes))
  readonly #send: (piece: Uint8Array) => void
  #next = 0
  #lent = 0
  #filled = 0
  #wake = () => {}

  /** @param send hands a piece over: it comes back by `release` */
  constructor(send: (piece: Uint8Array) => void) {
    this.#send = send
  }

  /** The oldest piece comes back. */
  release(): void {
    this.#lent--
    if (this.#lent === 0) this.#flush()
    this.#wake()
  }

  /** Nobody uses a piece any more. */
  reset(): void {
    this.#lent = this.#filled = 0
    this.#wake()
  }

  /** Hands over all that `source` holds. */
  async pour(source: Readable, signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#wake()
    signal.addEventListener('abort', onAbort)
    const isBody = source instanceof IncomingMessage
    try {
      for await (const chunk of source) {
        for (let rest = chunk as Buffer; rest.length > 0 && !signal.aborted; ) {
          while (this.#lent === slotCount && !signal.aborted) await this.#release()
          rest = rest.subarray(this.#fill(rest))
        }
        if (isBody) release(chunk as Buffer)
        if (signal.aborted) return
        if (this.#lent === 0) this.#flush()
      }
      this.#flush()
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #release(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    return promise
  }

  #fill(bytes: Buffer): number {
    const part = bytes.subarray(0, slotBytes - this.#filled)
    this.#memory.set(part, this.#next * slotBytes + this.#filled)
    this.#filled += part.length
    if (this.#filled === slotBytes) this.#flush()
    return part.length
  }

  #flush(): void {
    if (this.#filled === 0) return
    const start = this.#next * slotBytes
    const piece = this.#memory.subarray(start, start + this.#filled)
    this.#next = (this.#next + 1) % slotCount
    this.#filled = 0
    this.#lent++
    this.#send(piece)
  }
}

/** Pieces of a request have memory of their own, which nobody else sees: left to collections, each would cost many. */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength >= pieceBytes) buffer.transfer(0)
}
