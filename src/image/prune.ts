import { EngineError } from '../base/errors.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import type { ImageDeleteResponseItem } from '../spec/engine-api/image.ts'
import type { VerbDeps } from './deps.ts'
import { booleanFilter, checkFilters, createdMillis, matchesLabels, untilMillis } from './filters.ts'
import { deleteImage, deleteSiblings, isInUse } from './remove.ts'
import { chainsOf, familiar } from './store.ts'

/** Removes images that nobody uses: those without a name, or with `dangling=false` all of them. */
export class Pruner {
  readonly #deps: VerbDeps
  #isRunning = false

  constructor(deps: VerbDeps) {
    this.#deps = deps
  }

  async prune(filters: Filters) {
    checkFilters(filters, ['dangling', 'label', 'label!', 'until'])
    if (this.#isRunning) throw new EngineError('conflict', 'a prune operation is already running')
    this.#isRunning = true
    try {
      return await this.#prune(filters)
    } finally {
      this.#isRunning = false
    }
  }

  async #prune(filters: Filters) {
    const { store, snapshots, emit } = this.#deps
    const danglingOnly = booleanFilter(filters, 'dangling') ?? true
    const until = untilMillis(filters) ?? Number.POSITIVE_INFINITY
    const sizes = new Map(
      [...store.images.values()]
        .flatMap(({ config }) => chainsOf(config))
        .filter(chain => snapshots.has(chain))
        .map(chain => [chain as string, snapshots.sizeOf(chain)]),
    )
    const deleted: ImageDeleteResponseItem[] = []
    for (const record of [...store.images.values()]) {
      if (!store.images.has(record.id) || isInUse(this.#deps, record.id)) continue
      const names = store.fullNamesOf(record.id)
      if (names.length === 0 && store.isHeld(record.id)) continue
      const siblings = store.siblingsOf(names, record.id)
      if (siblings.some(({ id }) => isInUse(this.#deps, id))) continue
      if ((danglingOnly && names.length > 0) || createdMillis(record) > until) continue
      if (!matchesLabels(record.config.config?.Labels, filters)) continue
      store.untag(names)
      deleted.push(
        ...names.map(name => ({ Untagged: familiar(name) })),
        ...(await deleteImage(this.#deps, record, false)),
        ...(await deleteSiblings(this.#deps, siblings, false)),
      )
    }
    const spaceReclaimed = deleted.reduce((sum, { Deleted }) => sum + (Deleted ? (sizes.get(Deleted) ?? 0) : 0), 0)
    emit({ Type: 'image', Action: 'prune', Actor: { ID: '', Attributes: { reclaimed: String(spaceReclaimed) } } })
    return { deleted: deleted.length ? deleted : null, spaceReclaimed }
  }
}
