import { EventEmitter } from 'node:events'

export interface ContainerExit {
  readonly exitCode: number
  readonly error?: string
}

/**
 * What happens to containers, for those who wait for it: each fact is saved before it is told.
 * Also keeps what lives only as long as the engine: timers of restarts and health checks.
 */
export class Lifecycle {
  readonly #events = new EventEmitter().setMaxListeners(0)
  readonly #timers = new Map<string, NodeJS.Timeout>()

  /** A process runs for it: so says its record now. */
  started(id: string): void {
    this.#events.emit(`start ${id}`, { exitCode: 0 })
  }

  exited(id: string, exit: ContainerExit): void {
    this.#events.emit(`exit ${id}`, exit)
  }

  removed(id: string, exit: ContainerExit): void {
    this.#events.emit(`remove ${id}`, exit)
  }

  /** Stops whatever was scheduled for the container. */
  cancel(id: string): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  schedule(id: string, delayMillis: number, action: () => void): void {
    this.cancel(id)
    const fire = () => {
      this.#timers.delete(id)
      action()
    }
    this.#timers.set(id, setTimeout(fire, delayMillis))
  }

  cancelAll(): void {
    for (const id of [...this.#timers.keys()]) this.cancel(id)
  }

  /** The next fact of this kind; rejects when `signal` fires. */
  next(kind: 'start' | 'exit' | 'remove', id: string, signal?: AbortSignal): Promise<ContainerExit> {
    return new Promise((resolve, reject) => {
      const name = `${kind} ${id}`
      const onFact = (exit: ContainerExit) => {
        signal?.removeEventListener('abort', onAbort)
        resolve(exit)
      }
      const onAbort = () => {
        this.#events.off(name, onFact)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#events.once(name, onFact)
    })
  }
}
