import { lstatSync, readdirSync } from 'node:fs'
import { toByteString } from '../../archive/tar-entry.ts'
import { hasCode } from '../../base/errors.ts'
import { fsPath } from '../../snapshot/contained-path.ts'
import { breather } from '../../snapshot/copy-tree.ts'
import type { CachePruneOptions, CacheRecordInfo } from '../../spec/engine-api/solver.ts'
import type { GraphDeps } from './job.ts'

/** What builds left for later ones. */
export async function usageOf({ deps, cache, directories }: GraphDeps): Promise<readonly CacheRecordInfo[]> {
  const { images, snapshots } = deps
  const inImages = new Set(images.chains())
  const known = cache.entries().filter(([, { chainId }]) => snapshots.has(chainId))
  const byChain = Map.groupBy(known, ([, { chainId }]) => chainId)
  const layers = known.map(([key, record]) => ({
    id: idOf(key),
    mutable: false,
    inUse: false,
    shared: inImages.has(record.chainId),
    sizeBytes: snapshots.sizeOf(record.chainId),
    parents: record.parent ? (byChain.get(record.parent) ?? []).map(([parent]) => idOf(parent)) : [],
    createdAt: record.createdAt,
    lastUsedAt: record.lastUsedAt,
    usageCount: record.usageCount,
    description: record.description,
    type: 'regular',
  }))
  const plain = { mutable: true, shared: false, parents: [], usageCount: 1 }
  const received: CacheRecordInfo[] = []
  for (const { key, lastUsed, inUse, path, version } of directories.list())
    received.push({
      ...plain,
      id: key,
      inUse,
      sizeBytes: await usageOfVersion(path, version),
      createdAt: lastUsed,
      lastUsedAt: lastUsed,
      description: 'local source for context',
      type: 'source.local',
    })
  for (const { key, id, lastUsed, inUse, path } of deps.caches.list())
    received.push({
      ...plain,
      id: key,
      inUse,
      sizeBytes: await diskUsage(path),
      createdAt: lastUsed,
      lastUsedAt: lastUsed,
      description: `cached mount ${id}`,
      type: 'exec.cachemount',
    })
  return [...layers, ...received]
}

const idOf = (key: string): string => key.slice(7, 32)

const measured = new Map<string, { readonly version: number; readonly bytes: number }>()
const measuredLimit = 100

/** As diskUsage(), of a tree that stays as it is as long as it has the same version. */
async function usageOfVersion(path: string, version: number | undefined): Promise<number> {
  const known = measured.get(path)
  if (version !== undefined && known?.version === version) return known.bytes
  const bytes = await diskUsage(path)
  if (measured.size >= measuredLimit) measured.clear()
  if (version !== undefined) measured.set(path, { version, bytes })
  return bytes
}

/** Bytes that a tree takes on disk; files with several names count once. */
async function diskUsage(path: string): Promise<number> {
  const pause = breather()
  const seen = new Set<number>()
  let total = 0
  const visit = async (at: string): Promise<void> => {
    await pause()
    const stat = lstatSync(fsPath(at), { throwIfNoEntry: false })
    if (!stat || seen.has(stat.ino)) return
    if (stat.nlink > 1 && !stat.isDirectory()) seen.add(stat.ino)
    total += stat.blocks * 512
    if (!stat.isDirectory()) return
    for (const name of namesIn(at)) await visit(`${at}/${name}`)
  }
  await visit(toByteString(path))
  return total
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(fsPath(path), { encoding: 'latin1' })
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}

type Matches = (record: CacheRecordInfo) => boolean

/** Filters as BuildKit writes them: `type==regular`, `id~=^ab`, `description!=x`, `inuse`, `shared`. */
function matcher(filters: readonly string[]): Matches {
  const rules = filters.flatMap(each => each.split(',')).filter(Boolean)
  return record => rules.every(rule => matchesRule(rule, record))
}

function matchesRule(rule: string, record: CacheRecordInfo): boolean {
  const [, key = '', operator = '', value = ''] = /^(\w+)(==|!=|~=)?(.*)$/.exec(rule) ?? []
  const fields: Readonly<Record<string, string>> = {
    id: record.id,
    type: record.type,
    description: record.description,
    inuse: String(record.inUse),
    mutable: String(record.mutable),
    immutable: String(!record.mutable),
    shared: String(record.shared),
    private: String(!record.shared),
  }
  const field = fields[key.toLowerCase()] ?? ''
  if (operator === '') return field !== '' && field !== 'false'
  if (operator === '~=') return new RegExp(value).test(field)
  return (field === value) === (operator === '==')
}

/** Removes what nobody uses, least lately used first; returns what went. */
export async function pruneCache(graph: GraphDeps, options: CachePruneOptions): Promise<readonly CacheRecordInfo[]> {
  const { keepDurationNanos, all, filters, reservedSpace, maxUsedSpace } = options
  const before = Date.now() - keepDurationNanos / 1e6
  const matches = matcher(filters)
  const records = await usageOf(graph)
  const candidates = records.filter(
    record =>
      !record.inUse &&
      (all || !record.shared) &&
      matches(record) &&
      (keepDurationNanos === 0 || record.lastUsedAt < before),
  )
  const keep = reservedSpace || maxUsedSpace
  if (!keep) return removeRecords(graph, candidates)
  return removeRecords(graph, beyond(records, candidates, keep))
}

/** So many of `candidates`, the least lately used first, that what stays is no more than `limit` bytes. */
function beyond(
  all: readonly CacheRecordInfo[],
  candidates: readonly CacheRecordInfo[],
  limit: number,
): readonly CacheRecordInfo[] {
  let total = all.reduce((sum, { shared, sizeBytes }) => sum + (shared ? 0 : sizeBytes), 0)
  const gone: CacheRecordInfo[] = []
  for (const record of candidates.toSorted((a, b) => a.lastUsedAt - b.lastUsedAt)) {
    if (total <= limit) break
    gone.push(record)
    total -= record.shared ? 0 : record.sizeBytes
  }
  return gone
}

/** Keeps what builds leave below `limit` bytes on disk. */
export async function enforceLimit(graph: GraphDeps, limit: number): Promise<readonly CacheRecordInfo[]> {
  const records = await usageOf(graph)
  const candidates = records.filter(({ inUse, shared }) => !inUse && !shared)
  return removeRecords(graph, beyond(records, candidates, limit))
}

async function removeRecords(graph: GraphDeps, gone: readonly CacheRecordInfo[]): Promise<readonly CacheRecordInfo[]> {
  const { deps, cache, directories } = graph
  if (gone.length === 0) return gone
  const ids = new Set(gone.map(({ id }) => id))
  cache.forget(cache.entries().flatMap(([key]) => (ids.has(idOf(key)) ? [key] : [])))
  for (const { id, type } of gone) {
    if (type === 'source.local') directories.remove(id)
    if (type === 'exec.cachemount') deps.caches.remove(id)
  }
  await deps.images.collect()
  return gone
}
