import { createHmac, randomUUID } from 'node:crypto'
import type { Database, Table } from '../base/database.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { matchesName } from './identity.ts'

export interface Webhook {
  readonly url: string
  /** signs the body: `X-Berth-Signature: sha256=<hex HMAC>` */
  readonly secret?: string | undefined
  /** default all */
  readonly repositories?: string | undefined
}

/** What happened, as receivers get it. */
export interface RegistryEvent {
  readonly action: 'push' | 'delete' | 'untag'
  readonly repository: string
  readonly tag?: string | undefined
  readonly digest?: string | undefined
  readonly mediaType?: string | undefined
  /** bytes of the manifest */
  readonly size?: number | undefined
  readonly user?: string | undefined
}

interface Delivery {
  readonly id: string
  readonly url: string
  readonly body: string
  readonly attempts: number
  /** milliseconds since 1970 */
  readonly nextAt: number
}

const timeoutMillis = 10_000
const giveUpAfter = 12
const maxWaiting = 10_000
const waitMillis = (attempts: number) => Math.min(1000 * 2 ** attempts, 3600_000)

/** Tells receivers what happened, again and again until they say yes; what waits survives a restart. */
export class Webhooks implements Disposable {
  readonly #hooks: readonly Webhook[]
  readonly #waiting: Table<Delivery>
  readonly #log: Log
  readonly #busy = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(hooks: readonly Webhook[], db: Database, log: Log) {
    this.#hooks = hooks
    this.#waiting = db.table('deliveries')
    this.#log = log
    this.#plan()
  }

  get waiting(): number {
    return this.#waiting.size
  }

  emit(event: RegistryEvent): void {
    for (const { url, repositories = '**' } of this.#hooks) {
      if (!matchesName(repositories, event.repository)) continue
      if (this.#waiting.size >= maxWaiting) {
        this.#log.error('event dropped: too many wait', { url })
        continue
      }
      const id = randomUUID()
      const body = JSON.stringify({ id, time: new Date().toISOString(), ...event })
      this.#waiting.put(id, { id, url, body, attempts: 0, nextAt: Date.now() })
    }
    this.#plan()
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #plan(): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    const next = [...this.#waiting.values()].filter(({ id }) => !this.#busy.has(id))
    if (next.length === 0) return
    const at = Math.min(...next.map(({ nextAt }) => nextAt))
    this.#timer = setTimeout(() => this.#run(), Math.max(0, at - Date.now())).unref()
  }

  #run(): void {
    const now = Date.now()
    const due = [...this.#waiting.values()].filter(({ id, nextAt }) => nextAt <= now && !this.#busy.has(id))
    for (const delivery of due.slice(0, 20)) void this.#deliver(delivery)
  }

  async #deliver(delivery: Delivery): Promise<void> {
    this.#busy.add(delivery.id)
    const failure = await this.#send(delivery)
    this.#busy.delete(delivery.id)
    if (this.#isClosed) return
    const attempts = delivery.attempts + 1
    if (failure === undefined) this.#waiting.delete(delivery.id)
    else if (attempts >= giveUpAfter) {
      this.#waiting.delete(delivery.id)
      this.#log.error('event given up', { url: delivery.url, error: failure })
    } else this.#waiting.put(delivery.id, { ...delivery, attempts, nextAt: Date.now() + waitMillis(attempts) })
    this.#plan()
  }

  /** Undefined when the receiver said yes. */
  async #send({ url, body }: Delivery): Promise<string | undefined> {
    const secret = this.#hooks.find(hook => hook.url === url)?.secret
    const signature = secret
      ? { 'X-Berth-Signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }
      : {}
    const headers = { 'Content-Type': 'application/json', 'User-Agent': 'berth-registry', ...signature }
    try {
      const signal = AbortSignal.timeout(timeoutMillis)
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
      await response.body?.cancel()
      return response.ok ? undefined : `status ${response.status}`
    } catch (error) {
      return messageOf(error)
    }
  }
}
