import { EngineError } from './errors.ts'

/** One lock per key, first come first served; a key without holders costs nothing. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>()

  /**
   * Waits until every earlier holder of `key` has let go; dispose the result to let go.
   *
   * @throws EngineError `cancelled` when `signal` fires first; the place in the queue is given up
   */
  async acquire(key: string, signal?: AbortSignal): Promise<Disposable> {
    const before = this.#tails.get(key)
    const { promise, resolve } = Promise.withResolvers<void>()
    const tail = before ? before.then(() => promise) : promise
    this.#tails.set(key, tail)
    const release = () => {
      resolve()
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
    if (before) await this.#wait(before, signal, release)
    return { [Symbol.dispose]: release }
  }

  isLocked(key: string): boolean {
    return this.#tails.has(key)
  }

  async #wait(before: Promise<void>, signal: AbortSignal | undefined, release: () => void): Promise<void> {
    if (!signal) return before
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => aborted.reject(new EngineError('cancelled', 'request cancelled'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([before, aborted.promise])
    } catch (error) {
      release()
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
