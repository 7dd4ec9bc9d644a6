import type { Digest } from '../spec/digest.ts'
import type { ManifestRecord, Repository } from './repositories.ts'
import type { Context } from './request.ts'

export interface CollectOptions {
  /** what was pushed or asked for within this time stays */
  readonly graceMillis: number
  /** also collects manifests without tag, index or subject */
  readonly untagged?: boolean
  /** collects manifests without tag in these repositories in any case */
  readonly untaggedIn?: (repository: string) => boolean
  /** copies of other registries that nobody asked for within this time go */
  readonly copyMillis?: number
}

export interface Collected {
  readonly manifests: number
  readonly links: number
  readonly blobs: number
  /** of the blobs */
  readonly bytes: number
}

/**
 * Frees what no manifest needs, while pushes go on.
 *
 * A repository is marked and swept in one piece, without waiting: no push can come between. Bytes go under the lock of
 * their digest, which every push holds from storing bytes until it has said who uses them. What a push has found
 * present is kept by the grace. Cut off anywhere, the next run goes on.
 */
export async function collectGarbage(context: Context, options: CollectOptions): Promise<Collected> {
  const { repositories } = context
  const before = context.now() - options.graceMillis
  const count = { manifests: 0, links: 0 }
  for (const name of repositories.names()) {
    const doomed = await removeUnneeded(context, name, options)
    count.manifests += doomed.manifests.size
    count.links += doomed.links.length
    await new Promise(setImmediate) // requests come first
  }
  return { ...count, ...(await sweepContent(context, before)) }
}

interface Doomed {
  readonly manifests: ReadonlySet<Digest>
  readonly links: readonly Digest[]
}

/** Finds and removes in one piece; where others push as well, behind a mark that they see. */
async function removeUnneeded(context: Context, name: string, options: CollectOptions): Promise<Doomed> {
  const remove = (): Doomed => {
    const doomed = findUnneeded(context, name, options)
    for (const digest of doomed.manifests) context.repositories.removeManifest(name, digest)
    for (const digest of doomed.links) context.repositories.unlink(name, digest)
    return doomed
  }
  const { links, manifests } = findUnneeded(context, name, options)
  return context.shared && links.length + manifests.size > 0 ? context.shared.tidy(name, remove) : remove()
}

function findUnneeded({ now, repositories }: Context, name: string, options: CollectOptions): Doomed {
  const repository = repositories.get(name)
  if (!repository) return { manifests: new Set(), links: [] }
  const before = now() - options.graceMillis
  const isTidied = options.untagged || options.untaggedIn?.(name)
  const manifests = new Set([
    ...restingCopies(repository, now() - (options.copyMillis ?? Number.POSITIVE_INFINITY)),
    ...(isTidied ? unneededManifests(repository, before) : []),
  ])
  return { manifests, links: unneededLinks(repository, manifests, before) }
}

const restingCopies = ({ manifests }: Repository, before: number): readonly Digest[] =>
  [...manifests.values()].flatMap(({ digest, cachedAt, usedAt }) => (cachedAt && usedAt < before ? [digest] : []))

/** Manifests that are old, and reached from no tag, young manifest or subject that is itself reached. */
function unneededManifests({ manifests, tags }: Repository, before: number): readonly Digest[] {
  const referrers = Map.groupBy(manifests.values(), ({ subject }) => subject)
  const reached = new Set<Digest>()
  const pending: Digest[] = [...tags.values()]
  for (const { digest, usedAt } of manifests.values()) if (usedAt > before) pending.push(digest)
  for (const digest of pending) {
    if (reached.has(digest)) continue
    reached.add(digest)
    const children: readonly { readonly digest: Digest }[] = manifests.get(digest)?.manifests ?? []
    const attached: readonly ManifestRecord[] = referrers.get(digest) ?? []
    pending.push(...children.map(child => child.digest), ...attached.map(manifest => manifest.digest))
  }
  return [...manifests.keys()].filter(digest => !reached.has(digest))
}

function unneededLinks({ links, manifests }: Repository, doomed: ReadonlySet<Digest>, before: number) {
  const staying = [...manifests.values()].filter(({ digest }) => !doomed.has(digest))
  const needed = new Set(staying.flatMap(({ blobs }) => blobs.map(({ digest }) => digest)))
  return [...links].filter(([digest, usedAt]) => usedAt <= before && !needed.has(digest)).map(([digest]) => digest)
}

async function sweepContent({ content, repositories, locks, shared }: Context, before: number) {
  let [blobs, bytes] = [0, 0]
  const stored = await content.list()
  const used = repositories.used()
  for (const { digest, size, storedAt = 0 } of stored) {
    // of a push elsewhere that has not said yet who uses it
    if (used.has(digest) || storedAt > before) continue
    using _lock = await locks.acquire(digest)
    if (repositories.isUsed(digest)) continue // somebody pushed it meanwhile
    if (shared && !(await shared.deleteUnused(digest))) continue
    await content.delete(digest)
    blobs++
    bytes += size
  }
  return { blobs, bytes }
}
