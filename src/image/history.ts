import type { ImageHistoryResponseItem } from '../spec/engine-api/image.ts'
import type { VerbDeps } from './deps.ts'
import { findForPlatform } from './find.ts'
import { chainsOf } from './store.ts'

/** Newest first; steps below the top have no id of their own. */
export function imageHistory(
  deps: VerbDeps,
  name: string,
  { platform }: { readonly platform?: string | undefined } = {},
): readonly ImageHistoryResponseItem[] {
  const { store, snapshots } = deps
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
  items.reverse()
  const [top, ...rest] = items
  const tags = store.tagsOf(id)
  return top ? [{ ...top, Id: id, Tags: tags.length ? tags : null }, ...rest] : []
}
