import { OciError } from './errors.ts'

export interface RateLimit {
  readonly perSecond: number
  /** requests that may come at once */
  readonly burst: number
}

interface Bucket {
  left: number
  at: number
}

/** So many requests a second for each address; the others are told when to come again. */
export class RateLimiter {
  readonly #limit: RateLimit
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(limit: RateLimit, now: () => number = Date.now) {
    this.#limit = limit
    this.#now = now
  }

  /** @throws OciError `TOOMANYREQUESTS` with Retry-After */
  take(from: string): void {
    const { perSecond, burst } = this.#limit
    const now = this.#now()
    const { left, at } = this.#buckets.get(from) ?? { left: burst, at: now }
    const filled = Math.min(burst, left + (Math.max(0, now - at) / 1000) * perSecond)
    this.#buckets.delete(from)
    this.#buckets.set(from, { left: filled < 1 ? filled : filled - 1, at: now })
    if (this.#buckets.size > 10_000) this.#buckets.delete(this.#buckets.keys().next().value!)
    if (filled >= 1) return
    const seconds = Math.ceil((1 - filled) / perSecond)
    throw new OciError('TOOMANYREQUESTS', undefined, { headers: { 'Retry-After': String(seconds) } })
  }
}
