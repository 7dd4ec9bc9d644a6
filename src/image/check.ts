import type { Cancellable } from '../base/cancellable.ts'
import { EngineError, messageOf } from '../base/errors.ts'
import { withRepository } from '../remote/repository.ts'
import type { UnpackedLayer } from '../snapshot/snapshotter.ts'
import type { Digest } from '../spec/digest.ts'
import type { CheckMessage } from '../spec/engine-api/engine.ts'
import { isIndexType, isManifestType } from '../spec/oci-image.ts'
import { parseReference } from '../spec/reference.ts'
import { verified } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import { blobsOfIndex } from './index-record.ts'
import type { ImageRecord } from './record.ts'
import { blobsOf, chainsOf, familiar } from './store.ts'

export interface CheckOptions extends Cancellable {
  readonly repair: boolean
}

/** Reads every blob and every layer that records name; what is damaged is named, and with `repair` fetched again. */
export async function* checkContent(deps: VerbDeps, options: CheckOptions): AsyncGenerator<CheckMessage> {
  const blobs = [...deps.store.usedBlobs()]
  for (const digest of blobs) yield* checkBlob(deps, digest, options)
  const seen = new Set<Digest>()
  for (const record of [...deps.store.images.values()])
    for (const [i, chain] of chainsOf(record.config).entries()) {
      if (seen.has(chain)) continue
      seen.add(chain)
      yield* checkLayer(deps, record, i, chain, options)
    }
  yield { status: 'progress', text: `${blobs.length} blobs and ${seen.size} layers read` }
}

/** The names in full of everything that a blob belongs to. */
function namesWith({ store }: VerbDeps, digest: Digest): readonly string[] {
  const images = [...store.images.values()].filter(record => blobsOf(record).includes(digest))
  const own = images.flatMap(({ id }) => store.fullNamesOf(id))
  const byIndex = [...store.names.entries()].filter(([, { index }]) => {
    const record = index === undefined ? undefined : store.indexes.get(index)
    return record && blobsOfIndex(record).includes(digest)
  })
  return [...new Set([...own, ...byIndex.map(([name]) => name)])]
}

const called = (names: readonly string[]): string =>
  names.length > 0 ? names.slice(0, 3).map(familiar).join(', ') : 'an image without a name'

async function* checkBlob(deps: VerbDeps, digest: Digest, options: CheckOptions): AsyncGenerator<CheckMessage> {
  options.signal?.throwIfAborted()
  const state = await stateOf(deps, digest)
  if (state === 'sound') return
  const names = namesWith(deps, digest)
  const what = `blob ${digest} of ${called(names)} is ${state}`
  if (!options.repair) yield { status: 'damaged', text: what }
  else
    try {
      await deps.content.delete(digest)
      yield {
        status: 'repaired',
        text: `${what}: fetched again from ${await fetchAgain(deps, digest, names, options)}`,
      }
    } catch (error) {
      yield { status: 'damaged', text: `${what} and cannot be fetched: ${messageOf(error)}` }
    }
}

async function stateOf({ content }: VerbDeps, digest: Digest): Promise<'sound' | 'missing' | 'damaged'> {
  if (!content.has(digest)) return 'missing'
  try {
    for await (const _ of verified(content.open(digest), digest));
    return 'sound'
  } catch {
    return 'damaged'
  }
}

/** Tries every repository that the blob is known to have come from or gone to; returns the one that had it. */
async function fetchAgain(
  deps: VerbDeps,
  digest: Digest,
  names: readonly string[],
  options: CheckOptions,
): Promise<string> {
  let failure: unknown = new EngineError('not-found', 'no repository is known that has it')
  for (const name of names) {
    const reference = parseReference(name)
    try {
      await withRepository(reference, 'pull', { config: deps.remote(), signal: options.signal }, async repository => {
        if (isManifest(deps, digest)) await deps.content.putBytes((await repository.manifest(digest, options)).bytes)
        else await deps.content.put({ digest }, await repository.blob(digest, 0, options), options)
      })
      return `${reference.domain}/${reference.path}`
    } catch (error) {
      options.signal?.throwIfAborted()
      failure = error
    }
  }
  throw failure
}

function isManifest({ store }: VerbDeps, digest: Digest): boolean {
  const ofImages = [...store.images.values()].flatMap(({ manifest, index }) => [manifest, index])
  const ofIndexes = [...store.indexes.values()].flatMap(({ descriptor, entries }) => [
    descriptor,
    ...entries.map(entry => entry.descriptor),
  ])
  return [...ofImages, ...ofIndexes].some(
    each => each?.digest === digest && (isManifestType(each.mediaType) || isIndexType(each.mediaType)),
  )
}

async function* checkLayer(
  deps: VerbDeps,
  record: ImageRecord,
  i: number,
  chain: Digest,
  options: CheckOptions,
): AsyncGenerator<CheckMessage> {
  options.signal?.throwIfAborted()
  const { store, snapshots } = deps
  const isThere = snapshots.has(chain)
  await using fresh = await unpackAgain(deps, record, i, options)
  // its blob, which alone could tell, is damaged: that was said
  if (isThere && !fresh && record.layers[i]) return
  if (isThere && (await snapshots.isSound(chain, fresh))) return
  const names = store.fullNamesOf(record.id)
  const what = `layer ${record.config.rootfs.diff_ids[i]} of ${called(names)} is ${isThere ? 'damaged' : 'missing'}`
  const refusal = !options.repair ? '' : whyNot(deps, chain, fresh)
  if (!options.repair || refusal) yield { status: 'damaged', text: `${what}${refusal}` }
  else {
    if (isThere) await snapshots.replace(chain, fresh!)
    else await snapshots.commit(chainsOf(record.config)[i - 1], [fresh!])
    yield { status: 'repaired', text: `${what}: unpacked again` }
  }
}

/** Undefined when there is no sound blob of the layer. */
async function unpackAgain(
  { content, snapshots }: VerbDeps,
  { layers, config }: ImageRecord,
  i: number,
  options: Cancellable,
): Promise<UnpackedLayer | undefined> {
  const blob = layers[i]
  if (!blob || !content.has(blob.digest)) return undefined
  const fresh = await snapshots.unpack(content.open(blob.digest), options).catch(() => undefined)
  if (fresh?.diffId === config.rootfs.diff_ids[i]) return fresh
  await fresh?.[Symbol.asyncDispose]()
  return undefined
}

/** Why a layer cannot be replaced now; empty when it can. */
function whyNot({ store, usage }: VerbDeps, chain: Digest, fresh: UnpackedLayer | undefined): string {
  if (!fresh) return ' and cannot be made again: nothing else holds it'
  const above = [...store.images.values()].filter(({ config }) => chainsOf(config).includes(chain))
  const running = above.flatMap(({ id }) => usage(id)).filter(user => user.running)
  if (running.length > 0) return `; stop ${running.map(({ name }) => name).join(', ')} first`
  return store.isPinned(chain) ? '; it is being used' : ''
}
