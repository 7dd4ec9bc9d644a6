import { parseDuration } from '../base/duration.ts'
import { EngineError } from '../base/errors.ts'
import { parseDiskSize } from '../base/size.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import type { ImageDeleteResponseItem } from '../spec/engine-api/image.ts'
import type { VerbDeps } from './deps.ts'
import { booleanFilter, checkFilters, createdMillis, matchesLabels, untilMillis } from './filters.ts'
import { layersSize } from './list.ts'
import type { ImageRecord } from './record.ts'
import { deleteImage, deleteSiblings, isInUse } from './remove.ts'
import { familiar } from './store.ts'

/** Removes images that nobody uses: those without a name, or with `dangling=false` all of them. */
export class Pruner {
  readonly #deps: VerbDeps
  #isRunning = false

  constructor(deps: VerbDeps) {
    this.#deps = deps
  }

  async prune(filters: Filters) {
    checkFilters(filters, ['dangling', 'high-water', 'label', 'label!', 'low-water', 'until', 'unused-for'])
    if (this.#isRunning) throw new EngineError('conflict', 'a prune operation is already running')
    this.#isRunning = true
    try {
      return await this.#prune(filters)
    } finally {
      this.#isRunning = false
    }
  }

  async #prune(filters: Filters) {
    const { store, emit } = this.#deps
    const before = store.freedBytes
    const { high, low } = budgetOf(filters)
    const total = await layersSize(this.#deps)
    // above the high mark, down to the low one
    const needed = high === undefined ? Number.POSITIVE_INFINITY : total > high ? total - low! : 0
    const deleted: ImageDeleteResponseItem[] = []
    for (const record of this.#candidates(filters)) {
      if (store.freedBytes - before >= needed) break
      deleted.push(...(await this.#removeOne(record)))
    }
    const spaceReclaimed = store.freedBytes - before
    emit({ Type: 'image', Action: 'prune', Actor: { ID: '', Attributes: { reclaimed: String(spaceReclaimed) } } })
    return { deleted: deleted.length ? deleted : null, spaceReclaimed }
  }

  /** Those that may go, the least lately used first. */
  #candidates(filters: Filters): readonly ImageRecord[] {
    const { store } = this.#deps
    const danglingOnly = booleanFilter(filters, 'dangling') ?? true
    const until = untilMillis(filters) ?? Number.POSITIVE_INFINITY
    const unusedSince = unusedSinceMillis(filters)
    return [...store.images.values()]
      .filter(
        record =>
          !(danglingOnly && store.fullNamesOf(record.id).length > 0) &&
          createdMillis(record) <= until &&
          lastUseMillis(this.#deps, record) <= unusedSince &&
          matchesLabels(record.config.config?.Labels, filters),
      )
      .sort((a, b) => lastUseMillis(this.#deps, a) - lastUseMillis(this.#deps, b))
  }

  async #removeOne(record: ImageRecord): Promise<readonly ImageDeleteResponseItem[]> {
    const { store } = this.#deps
    if (!store.images.has(record.id) || isInUse(this.#deps, record.id)) return []
    const names = store.fullNamesOf(record.id)
    if (names.length === 0 && store.isHeld(record.id)) return []
    const siblings = store.siblingsOf(names, record.id)
    if (siblings.some(({ id }) => isInUse(this.#deps, id))) return []
    store.untag(names)
    return [
      ...names.map(name => ({ Untagged: familiar(name) })),
      ...(await deleteImage(this.#deps, record, false)),
      ...(await deleteSiblings(this.#deps, siblings, false)),
    ]
  }
}

/** When a container or a build last began with it; else when it got its newest name. */
function lastUseMillis({ store }: VerbDeps, { id, lastUsed, lastTagTime }: ImageRecord): number {
  const named = store.fullNamesOf(id).map(name => store.names.get(name)?.when ?? 0)
  return Math.max(lastUsed ?? 0, Date.parse(lastTagTime ?? '') || 0, ...named)
}

function unusedSinceMillis(filters: Filters): number {
  const text = filters.get('unused-for')?.[0]
  if (text === undefined) return Number.POSITIVE_INFINITY
  const nanos = parseDuration(text)
  if (nanos === undefined) throw new EngineError('invalid', `invalid filter 'unused-for=${text}': not a duration`)
  return Date.now() - Number(nanos) / 1e6
}

/** Bytes of layers and blobs; the low mark is the high one when it is not given. */
function budgetOf(filters: Filters): { readonly high?: number | undefined; readonly low?: number | undefined } {
  const sizeOf = (key: string) => {
    const text = filters.get(key)?.[0]
    const bytes = text === undefined ? undefined : parseDiskSize(text)
    if (text !== undefined && bytes === undefined)
      throw new EngineError('invalid', `invalid filter '${key}=${text}': not a size`)
    return bytes
  }
  const [high, low] = [sizeOf('high-water'), sizeOf('low-water')]
  if (low !== undefined && (high === undefined || low > high))
    throw new EngineError('invalid', `invalid filter 'low-water': needs a high-water that is not lower`)
  return { high, low: low ?? high }
}
