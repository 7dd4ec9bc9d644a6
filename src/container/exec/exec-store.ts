import { EngineError } from '../../base/errors.ts'
import type { ExecConfig } from '../../spec/engine-api/engine.ts'

export interface ExecRecord {
  readonly id: string
  readonly containerId: string
  readonly config: ExecConfig
  readonly status: 'created' | 'running' | 'ended'
  readonly pid: number
  readonly exitCode: number | null
}

const keptMillis = 10 * 60_000

/** Execs of this engine's life; an ended one can be asked about for ten minutes. */
export class ExecStore {
  readonly #records = new Map<string, ExecRecord>()

  put(record: ExecRecord): void {
    this.#records.set(record.id, record)
    if (record.status === 'ended') setTimeout(() => this.#records.delete(record.id), keptMillis).unref()
  }

  get(id: string): ExecRecord | undefined {
    return this.#records.get(id)
  }

  /** @throws EngineError `not-found` with Docker's text */
  find(id: string): ExecRecord {
    const record = this.#records.get(id)
    if (!record) throw new EngineError('not-found', `No such exec instance: ${id}`)
    return record
  }

  /** Those that run or may still be started. */
  openIn(containerId: string): readonly string[] {
    return [...this.#records.values()]
      .filter(exec => exec.containerId === containerId && exec.status !== 'ended')
      .map(({ id }) => id)
  }

  /** Nothing can become of those that never began once their container has ended. */
  dropUnstarted(containerId: string): void {
    for (const [id, exec] of this.#records)
      if (exec.containerId === containerId && exec.status === 'created') this.#records.delete(id)
  }
}
