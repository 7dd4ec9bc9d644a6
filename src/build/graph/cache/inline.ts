import { chainIdOf, type Digest } from '../../../spec/digest.ts'
import type { ImageConfig } from '../../../spec/oci-image.ts'
import type { LayerCache } from '../layer-cache.ts'
import { type CacheConfig, type CachedLayer, inlineField, layersIn } from './config.ts'

function chainsOf(diffIds: readonly Digest[]): readonly Digest[] {
  const chains: Digest[] = []
  for (const diffId of diffIds) chains.push(chains.length ? chainIdOf([chains.at(-1)!, diffId]) : diffId)
  return chains
}

/** `config` with what later builds need to find its layers by what they depend on. */
export function withCache(config: ImageConfig, cache: LayerCache): ImageConfig {
  const diffIds = config.rootfs.diff_ids
  const places = new Map(chainsOf(diffIds).map((chain, i) => [chain, i]))
  const records = cache.entries().flatMap(([key, { chainId }]) => {
    const layer = places.get(chainId) ?? diffIds.indexOf(chainId) // of a layer that stands on nothing, the chain is its diffID
    return layer < 0 ? [] : [{ digest: key, layers: [{ layer }] }]
  })
  const known: CacheConfig = {
    layers: diffIds.map((blob, i) => ({ blob, parent: i - 1 })),
    records: records.sort((a, b) => a.layers[0]!.layer - b.layers[0]!.layer || (a.digest < b.digest ? -1 : 1)),
  }
  return { ...config, [inlineField]: Buffer.from(JSON.stringify(known)).toString('base64') } as ImageConfig
}

/** What an image tells of its layers; nothing for one that tells nothing or nonsense. */
export function cacheInImage(config: ImageConfig, blobs: Parameters<typeof layersIn>[1] = []): readonly CachedLayer[] {
  const text = (config as unknown as Readonly<Record<string, unknown>>)[inlineField]
  if (typeof text !== 'string') return []
  try {
    return layersIn(Buffer.from(text, 'base64').toString('utf8'), blobs, config.rootfs.diff_ids)
  } catch {
    return []
  }
}
