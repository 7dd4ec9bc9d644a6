import { EngineError } from '../../base/errors.ts'
import type { Session } from './session.ts'

const waitMillis = 5_000

/** The clients that are connected, by the id that they gave themselves. */
export class Sessions {
  readonly #open = new Map<string, Session>()
  readonly #waiting = new Map<string, Set<(session: Session) => void>>()

  add(session: Session): void {
    this.#open.set(session.id, session)
    for (const resolve of this.#waiting.get(session.id) ?? []) resolve(session)
    this.#waiting.delete(session.id)
    void session.closed.then(() => {
      if (this.#open.get(session.id) === session) this.#open.delete(session.id)
    })
  }

  /** A session may come a moment after the call that names it. */
  async get(id: string): Promise<Session> {
    const found = this.#open.get(id)
    if (found) return found
    const { promise, resolve, reject } = Promise.withResolvers<Session>()
    const waiting = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, waiting.add(resolve))
    const timer = setTimeout(() => {
      waiting.delete(resolve)
      if (waiting.size === 0) this.#waiting.delete(id)
      reject(new EngineError('unavailable', `no active session for ${id}: context deadline exceeded`))
    }, waitMillis)
    return promise.finally(() => clearTimeout(timer))
  }
}
