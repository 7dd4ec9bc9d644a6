import { isEngineError } from '../../base/errors.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import type { Digest } from '../../spec/digest.ts'
import type { HistoryEntry } from '../../spec/oci-image.ts'
import type { BuildDeps } from '../deps.ts'
import { emptyLayer } from '../graph/run-steps.ts'

/** An entry of a history, as far as it tells one step from another. */
export type Entry = Pick<HistoryEntry, 'created_by' | 'empty_layer'>

/**
 * Images whose layers may stand for those of a classic build, as `--cache-from` names them: a step is found where the
 * image has the same history and the same layers so far. They are taken as they are here; nothing is pulled.
 */
export class CacheImages {
  readonly #images: readonly ResolvedImage[]

  constructor(deps: BuildDeps, names: readonly string[]) {
    this.#images = names.flatMap(name => found(deps, name) ?? [])
  }

  /** What a step gave behind `history`, on top of `diffIds`. */
  layerOf(createdBy: string, history: readonly Entry[], diffIds: readonly Digest[]): Digest | undefined {
    for (const { config } of this.#images) {
      const all = config.history ?? []
      const entry = all[history.length]
      if (entry?.created_by !== createdBy || !isPrefix(history.map(toText), all.map(toText))) continue
      if (!isPrefix(diffIds, config.rootfs.diff_ids)) continue
      return entry.empty_layer ? emptyLayer : config.rootfs.diff_ids[diffIds.length]
    }
    return undefined
  }
}

function found({ images }: BuildDeps, name: string): ResolvedImage | undefined {
  try {
    return images.resolve(name)
  } catch (error) {
    if (isEngineError(error)) return undefined
    throw error
  }
}

const toText = (entry: Entry): string => JSON.stringify([entry.created_by, entry.empty_layer === true])

const isPrefix = (start: readonly string[], whole: readonly string[]): boolean =>
  start.length <= whole.length && start.every((each, i) => each === whole[i])
