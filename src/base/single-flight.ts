interface Flight<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  waiters: number
}

/** Callers that ask for the same key at the same time share one run of the work. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>()

  /** Runs `work`, or joins the run under way; the work is cancelled when its last waiter leaves. */
  async do(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const flight = this.#flights.get(key) ?? this.#start(key, work)
    flight.waiters++
    const { promise: left, reject } = Promise.withResolvers<never>()
    const leave = () => reject(signal?.reason)
    signal?.addEventListener('abort', leave, { once: true })
    if (signal?.aborted) leave()
    try {
      return await Promise.race([flight.result, left])
    } finally {
      signal?.removeEventListener('abort', leave)
      if (--flight.waiters === 0) flight.controller.abort()
    }
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const result = work(controller.signal).finally(() => this.#flights.delete(key))
    result.catch(() => {}) // the waiters get it; with none left nobody is there to ask
    const flight = { result, controller, waiters: 0 }
    this.#flights.set(key, flight)
    return flight
  }
}
