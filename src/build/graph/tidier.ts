import type { GraphDeps } from './job.ts'
import { enforceLimit } from './usage.ts'

/** Keeps what builds leave below its limit, once at a time, while nobody waits for it. */
export class Tidier {
  readonly #graph: GraphDeps
  readonly #limit: () => number
  #isBusy = false

  constructor(graph: GraphDeps, limit: () => number) {
    this.#graph = graph
    this.#limit = limit
  }

  start(): void {
    if (!this.#isBusy) void this.#tidy()
  }

  async #tidy(): Promise<void> {
    const { log } = this.#graph.deps
    this.#isBusy = true
    try {
      const gone = await enforceLimit(this.#graph, this.#limit())
      if (gone.length > 0) log.info('build cache kept below its limit', { removed: gone.length })
    } catch (error) {
      log.error('build cache not tidied', { error })
    } finally {
      this.#isBusy = false
    }
  }
}
