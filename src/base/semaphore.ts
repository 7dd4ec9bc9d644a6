/** At most `limit` holders at a time, first come first served. */
export class Semaphore {
  #free: number
  readonly #queue: (() => void)[] = []

  constructor(limit: number) {
    this.#free = limit
  }

  async acquire(): Promise<Disposable> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>(resolve => this.#queue.push(resolve))
    let held = true
    return {
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        const next = this.#queue.shift()
        if (next) next()
        else this.#free++
      },
    }
  }

  async run<T>(body: () => Promise<T>): Promise<T> {
    using _place = await this.acquire()
    return await body()
  }
}
