import { appendFile } from 'node:fs/promises'
import type { Log } from '../base/log.ts'
import type { RegistryRequest } from './request.ts'

export interface AuditEntry {
  readonly user: string | undefined
  readonly status: number
  readonly repository?: string | undefined
  readonly reference?: string | undefined
}

/** Who did what, one JSON line each: every change, every refusal, and reading too if wanted. */
export class AuditLog {
  readonly #path: string
  readonly #withReads: boolean
  readonly #log: Log
  #pending: Promise<void> = Promise.resolve()
  #lines: string[] = []

  constructor(path: string, withReads: boolean, log: Log) {
    this.#path = path
    this.#withReads = withReads
    this.#log = log
  }

  write({ method, url, from }: RegistryRequest, { user, status, repository, reference }: AuditEntry): void {
    const isRead = method === 'GET' || method === 'HEAD'
    if (isRead && !this.#withReads && ![401, 403, 429].includes(status)) return
    const path = url.split('?')[0]
    const entry = { time: new Date().toISOString(), user, from, method, path, repository, reference, status }
    if (this.#lines.push(`${JSON.stringify(entry)}\n`) === 1) this.#pending = this.#pending.then(() => this.#flush())
  }

  /** Resolves when all that was said is written. */
  async close(): Promise<void> {
    await this.#pending
  }

  async #flush(): Promise<void> {
    const lines = this.#lines
    this.#lines = []
    try {
      await appendFile(this.#path, lines.join(''), { mode: 0o600 })
    } catch (error) {
      this.#log.error('audit log not written', { error, lines: lines.length })
    }
  }
}
