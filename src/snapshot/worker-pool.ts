import { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { type Call, type Feed, type Reply, type Request, type Result, type TarSource, windowBytes } from './protocol.ts'
import { SlotRing } from './slot-ring.ts'

const idleMillis = 5000

interface Seat {
  readonly worker: Worker
  readonly ring: SlotRing
  onReply: (reply: Reply) => void
  onDeath: (error: Error) => void
  timer?: NodeJS.Timeout
}

const toError = (reply: Extract<Reply, { type: 'failed' }>): Error =>
  Object.assign(new EngineError(reply.kind, reply.message), reply.code ? { code: reply.code } : {})

/** Threads that make the synchronous file system calls of layers; they end when they have had no work for a while. */
export class WorkerPool implements AsyncDisposable {
  readonly #idle: Seat[] = []
  readonly #all = new Set<Seat>()

  /** A job that eats `layer`. */
  async feed(job: Feed, layer: Readable, { signal }: Cancellable = {}): Promise<Result> {
    const seat = this.#take()
    seat.ring.reset()
    const done = this.#run(seat, job)
    const feeding = new AbortController()
    const stop = AbortSignal.any([feeding.signal, ...(signal ? [signal] : [])])
    const fed = this.#feed(seat, layer, stop)
    try {
      await Promise.race([done.result, fed.then(() => done.result)])
      return await done.result
    } catch (error) {
      seat.ring.giveUp()
      await done.result.catch(() => {})
      throw signal?.aborted ? new EngineError('cancelled', 'context canceled') : error
    } finally {
      feeding.abort()
      layer.destroy()
      await fed.catch(() => {})
      this.#leave(seat)
    }
  }

  /** An archive of `source`; destroying the stream stops the work. */
  tar(source: TarSource): Readable {
    return Readable.from(this.#tar(source), { objectMode: false, highWaterMark: windowBytes / 2 })
  }

  async *#tar(source: TarSource): AsyncGenerator<Buffer> {
    const seat = this.#take()
    const arrived: Uint8Array[] = []
    let wake = () => {}
    let settled = false
    const { result } = this.#run(seat, { type: 'tar', source }, chunk => {
      arrived.push(chunk)
      wake()
    })
    const end = () => {
      settled = true
      wake()
    }
    result.then(end, end)
    try {
      while (!settled || arrived.length > 0) {
        const chunk = arrived.shift()
        if (chunk) {
          yield Buffer.from(chunk.buffer as ArrayBuffer)
          seat.worker.postMessage({ type: 'credit', bytes: chunk.length } satisfies Request)
        } else {
          const { promise, resolve } = Promise.withResolvers<void>()
          wake = resolve
          await promise
        }
      }
      await result
    } finally {
      seat.worker.postMessage({ type: 'abort' } satisfies Request)
      await result.catch(() => {})
      this.#leave(seat)
    }
  }

  /** A job without bytes. */
  async call(request: Call): Promise<Result> {
    const seat = this.#take()
    try {
      return await this.#run(seat, request).result
    } finally {
      this.#leave(seat)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all].map(seat => seat.worker.terminate()))
  }

  #run(seat: Seat, request: Request, onData?: (chunk: Uint8Array) => void): { readonly result: Promise<Result> } {
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    promise.catch(() => {})
    seat.onDeath = reject
    const previous = seat.onReply
    seat.onReply = reply => {
      if (reply.type === 'done') resolve(reply.result)
      else if (reply.type === 'failed') reject(toError(reply))
      else if (reply.type === 'data') onData?.(reply.chunk)
      else if (reply.type === 'room') seat.ring.roomIsLeft()
      else previous(reply)
    }
    seat.worker.postMessage(request)
    return { result: promise }
  }

  async #feed({ ring }: Seat, layer: Readable, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => layer.destroy(), { once: true })
    await ring.pour(layer, signal)
    if (signal.aborted) throw new EngineError('cancelled', 'context canceled')
  }

  #take(): Seat {
    const seat = this.#idle.pop() ?? this.#hire()
    clearTimeout(seat.timer)
    seat.worker.ref()
    return seat
  }

  #leave(seat: Seat): void {
    if (!this.#all.has(seat)) return
    seat.onReply = () => {}
    seat.onDeath = () => {}
    seat.worker.unref()
    seat.timer = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(seat), 1)
      void seat.worker.terminate()
    }, idleMillis).unref()
    this.#idle.push(seat)
  }

  #hire(): Seat {
    const ring = new SlotRing(() => worker.postMessage({ type: 'more' } satisfies Request))
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'layers',
      execArgv: [],
      workerData: { ring: ring.shared },
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    })
    const seat: Seat = { worker, ring, onReply: () => {}, onDeath: () => {} }
    this.#all.add(seat)
    worker.on('message', (reply: Reply) => seat.onReply(reply))
    worker.on('error', error => seat.onDeath(error as Error))
    worker.on('exit', () => {
      this.#all.delete(seat)
      const at = this.#idle.indexOf(seat)
      if (at >= 0) this.#idle.splice(at, 1)
      seat.onDeath(new EngineError('internal', 'a layer worker ended too early'))
    })
    return seat
  }
}
