import type { CachePruneOptions, CacheRecordInfo } from '../../spec/engine-api/solver.ts'
import type { GraphDeps } from './build.ts'

/** What builds left for later ones. */
export function usageOf({ deps, cache, directories }: GraphDeps): readonly CacheRecordInfo[] {
  const { images, snapshots } = deps
  const inImages = new Set(images.chains())
  const layers = cache.entries().flatMap(([key, record]) =>
    snapshots.has(record.chainId)
      ? [
          {
            id: key.slice(7, 32),
            mutable: false,
            inUse: false,
            shared: inImages.has(record.chainId),
            sizeBytes: snapshots.sizeOf(record.chainId),
            parents: cache.idsOf(record.parent),
            createdAt: record.createdAt,
            lastUsedAt: record.lastUsedAt,
            usageCount: record.usageCount,
            description: record.description,
            type: 'regular',
          },
        ]
      : [],
  )
  const received = directories.list().map(({ key, lastUsed, inUse, sizeBytes }) => ({
    id: key,
    mutable: true,
    inUse,
    shared: false,
    sizeBytes,
    parents: [],
    createdAt: lastUsed,
    lastUsedAt: lastUsed,
    usageCount: 1,
    description: 'local source for context',
    type: 'source.local',
  }))
  return [...layers, ...received]
}

/** Removes what nobody uses; returns what went. */
export async function pruneCache(graph: GraphDeps, options: CachePruneOptions): Promise<readonly CacheRecordInfo[]> {
  const { deps, cache, directories } = graph
  const before = Date.now() - options.keepDurationNanos / 1e6
  const gone = usageOf(graph).filter(
    ({ inUse, shared, lastUsedAt }) =>
      !inUse && (options.all || !shared) && (options.keepDurationNanos === 0 || lastUsedAt < before),
  )
  const ids = new Set(gone.map(({ id }) => id))
  cache.forget(cache.entries().flatMap(([key]) => (ids.has(key.slice(7, 32)) ? [key] : [])))
  for (const { id, type } of gone) if (type === 'source.local') directories.remove(id)
  await deps.images.collect()
  return gone
}
