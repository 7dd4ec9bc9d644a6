import { formatSize } from '../base/size.ts'
import type { OnProgress } from '../spec/engine-api/engine.ts'

const throttleMillis = 100

/** The bar that old clients show as it is. */
export function formatBar(current: number, total: number): string {
  const size = formatSize(current).padStart(8)
  if (total <= 0) return size
  const done = Math.min(Math.floor((current / total) * 50), 50)
  return `[${'='.repeat(done)}>${' '.repeat(50 - done)}] ${size}${current <= total ? `/${formatSize(total)}` : ''}`
}

/** Tells how one layer gets on, moving bars not more often than people can see. */
export class LayerProgress {
  readonly #id: string
  readonly #send: OnProgress
  #last = 0

  constructor(id: string, send: OnProgress) {
    this.#id = id
    this.#send = send
  }

  /** A state without a bar, such as `Pull complete`. */
  state(status: string): void {
    this.#last = 0
    this.#send({ status, progressDetail: {}, id: this.#id })
  }

  /** A bar; dropped when the last one is too recent, unless it is full. */
  bar(status: string, current: number, total: number): void {
    const now = Date.now()
    if (now - this.#last < throttleMillis && current < total) return
    this.#last = now
    this.#send({ status, progressDetail: { current, total }, progress: formatBar(current, total), id: this.#id })
  }
}
