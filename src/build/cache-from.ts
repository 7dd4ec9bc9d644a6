import { isEngineError } from '../base/errors.ts'
import type { ResolvedImage } from '../image/resolved.ts'
import type { Digest } from '../spec/digest.ts'
import type { HistoryEntry } from '../spec/oci-image.ts'
import type { BuildDeps } from './deps.ts'
import type { Step } from './ops/op.ts'

/**
 * Images whose steps may stand for those of a classic build, as `--cache-from` names them: a step is found where the
 * image has the same history and the same layers so far. They are taken as they are here; nothing is pulled.
 */
export class CacheImages {
  readonly #deps: BuildDeps
  readonly #images: readonly ResolvedImage[]

  constructor(deps: BuildDeps, names: readonly string[]) {
    this.#deps = deps
    this.#images = names.flatMap(name => found(deps, name) ?? [])
  }

  /** The image that the step gives on top of `parent`. */
  async find(parent: Digest | undefined, { createdBy, config }: Step): Promise<Digest | undefined> {
    const { images } = this.#deps
    const below = parent ? images.resolve(parent).config : undefined
    const history = below?.history ?? []
    const diffIds = below?.rootfs.diff_ids ?? []
    for (const { id, config: target } of this.#images) {
      const all = target.history ?? []
      const entry = all[history.length]
      if (!entry || entry.created_by !== createdBy) continue
      if (!isPrefix(diffIds, target.rootfs.diff_ids) || !isPrefix(history.map(toText), all.map(toText))) continue
      if (all.length === history.length + 1) return id
      const count = diffIds.length + (entry.empty_layer ? 0 : 1)
      const restored = {
        ...target,
        config,
        history: all.slice(0, history.length + 1),
        rootfs: { ...target.rootfs, diff_ids: target.rootfs.diff_ids.slice(0, count) },
        ...(entry.created ? { created: entry.created } : {}),
      }
      return images.assembleImage(restored, id)
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

const toText = (entry: HistoryEntry): string => JSON.stringify([entry.created_by, entry.created, entry.empty_layer])

const isPrefix = (start: readonly string[], whole: readonly string[]): boolean =>
  start.length <= whole.length && start.every((each, i) => each === whole[i])
