import type { Digest } from '../spec/digest.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import type { ImageSummary } from '../spec/engine-api/image.ts'
import { parseReference } from '../spec/reference.ts'
import type { VerbDeps } from './deps.ts'
import { booleanFilter, checkFilters, createdMillis, matchesLabels, matchesReference, untilMillis } from './filters.ts'
import type { IndexRecord } from './index-record.ts'
import { manifestsOf } from './manifests.ts'
import type { ImageRecord } from './record.ts'
import { chainsOf, familiar } from './store.ts'

export interface ListOptions {
  readonly all: boolean
  readonly filters: Filters
  readonly sharedSize: boolean
  readonly manifests?: boolean
  /** sizes with the blobs that layers came as, for `system df` */
  readonly withBlobs?: boolean
}

/** Bytes of file content of all layers. */
export function sizeOf({ snapshots }: VerbDeps, { config }: ImageRecord): number {
  const chains = chainsOf(config).filter(chain => snapshots.has(chain))
  return chains.reduce((sum, chain) => sum + snapshots.sizeOf(chain), 0)
}

/** Bytes of all layers and blobs, each once. */
export async function layersSize({ snapshots, content }: VerbDeps): Promise<number> {
  const layers = snapshots.list().reduce((sum, chain) => sum + snapshots.sizeOf(chain), 0)
  return (await content.list()).reduce((sum, { size }) => sum + size, layers)
}

export function listImages(deps: VerbDeps, options: ListOptions): readonly ImageSummary[] {
  const { all, filters, sharedSize } = options
  const { store } = deps
  checkFilters(filters, ['before', 'dangling', 'label', 'label!', 'reference', 'since', 'until'])
  const dangling = booleanFilter(filters, 'dangling')
  const until = untilMillis(filters) ?? Number.POSITIVE_INFINITY
  const limit = (key: string) => (filters.get(key) ?? []).map(name => createdMillis(store.find(name)))
  const before = Math.min(Number.POSITIVE_INFINITY, ...limit('before'))
  const since = Math.max(Number.NEGATIVE_INFINITY, ...limit('since'))
  const patterns = filters.get('reference')
  const parents = new Set([...store.images.values()].map(({ parent }) => parent))
  const users = sharedSize ? countChains(store.images.values()) : undefined
  return [...store.images.values()]
    .sort((a, b) => createdMillis(b) - createdMillis(a))
    .flatMap(record => {
      const created = createdMillis(record)
      if (
        created >= before ||
        created <= since ||
        created >= until ||
        !matchesLabels(record.config.config?.Labels, filters)
      )
        return []
      const full = store.fullNamesOf(record.id)
      const names = patterns?.length ? full.filter(name => matchesReference(name, patterns)) : full
      if (patterns?.length && names.length === 0) return []
      const isDangling = full.length === 0
      if (isDangling && store.isHeld(record.id)) return []
      if (dangling !== undefined ? dangling !== isDangling : isDangling && !all && parents.has(record.id)) return []
      if (dangling && parents.has(record.id)) return []
      const plain = summarize(deps, record, names, users)
      const summary = options.withBlobs ? addBlobs(deps, record, plain, users!) : plain
      return [options.manifests ? { ...summary, ...manifestsOf(deps, record, indexOfNames(deps, full)) } : summary]
    })
}

const indexOfNames = ({ store }: VerbDeps, names: readonly string[]): IndexRecord | undefined =>
  names.map(name => store.indexOf(name)).find(index => index !== undefined)

function summarize(
  deps: VerbDeps,
  record: ImageRecord,
  names: readonly string[],
  users: ReadonlyMap<Digest, number> | undefined,
): ImageSummary {
  const isDigest = (name: string) => parseReference(name).digest !== undefined
  return {
    Containers: deps.usage(record.id).length,
    Created: Math.floor(createdMillis(record) / 1000),
    Id: record.id,
    Labels: record.config.config?.Labels ?? null,
    ParentId: record.parent ?? '',
    RepoDigests: names.filter(isDigest).map(familiar),
    RepoTags: names.filter(name => !isDigest(name)).map(familiar),
    SharedSize: users ? sharedSizeOf(deps, record, users) : -1,
    Size: sizeOf(deps, record),
  }
}

/** A layer and its blob are shared by the same images. */
function addBlobs(
  { content }: VerbDeps,
  { id, config, layers, manifest, index }: ImageRecord,
  summary: ImageSummary,
  users: ReadonlyMap<Digest, number>,
): ImageSummary {
  const sizeOfBlob = (digest: Digest | undefined) => (digest && content.sizeOf(digest)) || 0
  const sizes = chainsOf(config).map((chain, i) => ({ chain, size: sizeOfBlob(layers[i]?.digest) }))
  const all = sizes.reduce((sum, { size }) => sum + size, 0)
  const shared = sizes.reduce((sum, { chain, size }) => sum + (users.get(chain)! > 1 ? size : 0), 0)
  const own = [id, manifest?.digest, index?.digest].reduce((sum, digest) => sum + sizeOfBlob(digest), 0)
  return { ...summary, Size: summary.Size! + all + own, SharedSize: summary.SharedSize! + shared }
}

function countChains(records: Iterable<ImageRecord>): ReadonlyMap<Digest, number> {
  const counts = new Map<Digest, number>()
  for (const { config } of records)
    for (const chain of chainsOf(config)) counts.set(chain, (counts.get(chain) ?? 0) + 1)
  return counts
}

const sharedSizeOf = ({ snapshots }: VerbDeps, { config }: ImageRecord, users: ReadonlyMap<Digest, number>): number =>
  chainsOf(config)
    .filter(chain => users.get(chain)! > 1 && snapshots.has(chain))
    .reduce((sum, chain) => sum + snapshots.sizeOf(chain), 0)
