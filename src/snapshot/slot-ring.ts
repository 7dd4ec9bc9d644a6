import { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { windowBytes } from './protocol.ts'

const slotBytes = 256 * 1024
/** smaller ones may be in memory that is handed out in parts */
const pieceBytes = 16 * 1024
const slotCount = windowBytes / slotBytes
const lazyMillis = 5

/** Where the counters are: how many slots were filled, how many taken, how it ends, that any of this has changed, who sleeps. */
const [FILLED, TAKEN, STATE, CHANGES, READER_SLEEPS, WRITER_SLEEPS, LENGTHS] = [0, 1, 2, 3, 4, 5, 6] as const
const [OPEN, ENDED, GIVEN_UP] = [0, 1, 2] as const

/** What both threads hold. */
export interface SharedRing {
  readonly memory: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
}

/**
 * Memory that two threads share, handed over slot by slot and used again. Nothing is sent: a message costs as much as
 * to copy what it carries, a counter that somebody waits for next to nothing.
 */
export class SlotRing {
  readonly shared: SharedRing = {
    memory: new SharedArrayBuffer(windowBytes),
    counters: new SharedArrayBuffer(4 * (LENGTHS + slotCount)),
  }
  readonly #memory = new Uint8Array(this.shared.memory)
  readonly #counters = new Int32Array(this.shared.counters)
  /** bytes in the slot that is being filled */
  #size = 0
  #onRoom = () => {}
  readonly #wakeReader: () => void
  #timer: NodeJS.Timeout | undefined

  /** @param wakeReader called when the other thread sleeps without blocking */
  constructor(wakeReader: () => void) {
    this.#wakeReader = wakeReader
  }

  /** The other thread says that there is room again. */
  roomIsLeft(): void {
    this.#onRoom()
  }

  /** Begins anew, for the next job. */
  reset(): void {
    this.#counters.fill(0)
    this.#size = 0
  }

  /** The other thread shall not wait for more. */
  giveUp(): void {
    this.#end(GIVEN_UP)
  }

  /**
   * Hands over all that `source` holds. By events: an iterator would join what has piled up into buffers of its own.
   */
  async pour(source: Readable, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const isBody = source instanceof IncomingMessage
    let whole: Buffer = Buffer.alloc(0)
    let rest = whole
    const put = () => {
      while (rest.length > 0 && this.#hasRoom) rest = rest.subarray(this.#fill(rest))
      if (rest.length > 0) {
        source.pause()
        this.#tell()
        if (this.#mayGoOn()) put()
        return
      }
      if (isBody) release(whole)
      if (source.readableEnded || signal.aborted) resolve()
      else if (source.isPaused()) source.resume()
    }
    const onData = (chunk: Buffer | string) => {
      rest = whole = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      put()
    }
    const onClose = () => {
      if (signal.aborted) resolve()
      else if (source.readableEnded)
        put() // there may be no room yet for its last chunk
      else reject(source.errored ?? new Error('Premature close'))
    }
    this.#onRoom = put
    signal.addEventListener('abort', onClose)
    source.on('error', reject).on('end', put).on('close', onClose).on('data', onData)
    source.resume() // whoever looked at its beginning may have stopped it
    if (source.destroyed) onClose()
    try {
      await promise
      if (signal.aborted) return
      this.#flush()
      this.#end(ENDED)
    } finally {
      this.#onRoom = () => {}
      signal.removeEventListener('abort', onClose)
      source.off('data', onData)
    }
  }

  get #lent(): number {
    return this.#counters[FILLED]! - Atomics.load(this.#counters, TAKEN)
  }

  get #hasRoom(): boolean {
    return this.#lent < slotCount
  }

  /** False when there is none: `roomIsLeft` is going to be called. */
  #mayGoOn(): boolean {
    Atomics.store(this.#counters, WRITER_SLEEPS, 1)
    return this.#hasRoom
  }

  #fill(bytes: Buffer): number {
    const part = bytes.subarray(0, slotBytes - this.#size)
    const slot = this.#counters[FILLED]! % slotCount
    this.#memory.set(part, slot * slotBytes + this.#size)
    this.#size += part.length
    if (this.#size === slotBytes) this.#flush()
    this.#tellSoon()
    return part.length
  }

  /** To wake a thread costs more than to copy what there is to do for it: it sleeps until it is worth while. */
  #tellSoon(): void {
    if (this.#lent >= slotCount / 2) this.#tell()
    else
      this.#timer ??= setTimeout(() => {
        this.#flush()
        this.#tell()
      }, lazyMillis)
  }

  #flush(): void {
    if (this.#size === 0) return
    this.#counters[LENGTHS + (this.#counters[FILLED]! % slotCount)] = this.#size
    this.#size = 0
    Atomics.add(this.#counters, FILLED, 1)
  }

  #end(state: number): void {
    Atomics.store(this.#counters, STATE, state)
    this.#tell()
  }

  #tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    Atomics.add(this.#counters, CHANGES, 1)
    Atomics.notify(this.#counters, CHANGES)
    if (Atomics.exchange(this.#counters, READER_SLEEPS, 0) === 1) this.#wakeReader()
  }
}

export interface Reader {
  /** settles when the writer has called `wakeReader`; undefined blocks the thread instead */
  readonly sleep: (() => Promise<void>) | undefined
  /** the writer waits for this */
  readonly onRoom: () => void
}

/** The other thread's end: pieces that are good until the next one is asked for. */
export async function* takeSlots(
  { memory, counters: shared }: SharedRing,
  { sleep, onRoom }: Reader,
): AsyncGenerator<Buffer> {
  const counters = new Int32Array(shared)
  const left = () => Atomics.load(counters, FILLED) - Atomics.load(counters, TAKEN)
  for (;;) {
    if (sleep) Atomics.store(counters, READER_SLEEPS, 1)
    const seen = Atomics.load(counters, CHANGES)
    const state = Atomics.load(counters, STATE)
    if (state === GIVEN_UP) throw new Error('unpacking was given up')
    if (left() > 0) {
      const slot = counters[TAKEN]! % slotCount
      yield Buffer.from(memory, slot * slotBytes, counters[LENGTHS + slot])
      Atomics.add(counters, TAKEN, 1)
      if (left() <= slotCount / 2 && Atomics.exchange(counters, WRITER_SLEEPS, 0) === 1) onRoom()
    } else if (state !== OPEN) return
    else if (sleep) await sleep()
    else Atomics.wait(counters, CHANGES, seen)
  }
}

/** Pieces of a request have memory of their own, which nobody else sees: left to collections, each would cost many. */
function release({ buffer, byteLength }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength >= pieceBytes) buffer.transfer(0)
}
