import type { Digest } from '../spec/digest.ts'
import type { ImageHistoryResponseItem } from '../spec/engine-api/image.ts'
import type { VerbDeps } from './deps.ts'
import { findForPlatform } from './find.ts'
import { chainsOf } from './store.ts'

/** Newest first; steps below the top have ids where their images are here, as the classic builder leaves them. */
export function imageHistory(
  deps: VerbDeps,
  name: string,
  { platform }: { readonly platform?: string | undefined } = {},
): readonly ImageHistoryResponseItem[] {
  const { snapshots } = deps
  const { id, config } = findForPlatform(deps, name, platform)
  const chains = chainsOf(config)
  let layer = 0
  const items = (config.history ?? []).map(entry => {
    const chain = entry.empty_layer ? undefined : chains[layer++]
    return {
      Comment: entry.comment ?? '',
      Created: Math.floor((Date.parse(entry.created ?? '') || 0) / 1000),
      CreatedBy: entry.created_by ?? '',
      Id: '<missing>',
      Size: chain && snapshots.has(chain) ? snapshots.sizeOf(chain) : 0,
      Tags: null,
    }
  })
  return withIds(deps, items.reverse(), id)
}

function withIds(
  { store }: VerbDeps,
  items: readonly ImageHistoryResponseItem[],
  top: Digest,
): readonly ImageHistoryResponseItem[] {
  let at: Digest | undefined = top
  return items.map(item => {
    if (at === undefined) return item
    const [Id, tags] = [at, store.tagsOf(at)]
    const parent: Digest | undefined = store.images.get(at)?.parent
    at = parent && store.images.has(parent) ? parent : undefined
    return { ...item, Id, Tags: tags.length ? tags : null }
  })
}
