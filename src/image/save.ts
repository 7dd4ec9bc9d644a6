import { Readable } from 'node:stream'
import { tarEntry } from '../archive/tar-entry.ts'
import { encodeTarHeader, tarPadding, tarTrailer } from '../archive/tar-header.ts'
import { EngineError } from '../base/errors.ts'
import { type Digest, hexOf, isDigest } from '../spec/digest.ts'
import { type Descriptor, mediaTypes } from '../spec/oci-image.ts'
import { formatReference, parseReference, withDefaultTag } from '../spec/reference.ts'
import { buildManifest, layerTarOf, originalManifest, verified } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import { bestImage, blobsOfIndex, entriesFor, type IndexRecord, imagesOfIndex } from './index-record.ts'
import { formatPlatform, parsePlatform } from './platform.ts'
import type { ImageRecord } from './record.ts'
import { familiar } from './store.ts'

interface SavedImage {
  readonly record: ImageRecord
  /** names in full */
  readonly tags: readonly string[]
  /** what the names mean, with the entries that go along */
  readonly index?: IndexRecord | undefined
}

const blobPath = (digest: Digest): string => `blobs/sha256/${hexOf(digest)}`

/**
 * Images as an archive that is both an OCI layout and Docker's own. Blobs go in as they came, so that they can be
 * pushed from elsewhere with the same digests; the same images give the same bytes. What is here of an image for
 * several platforms goes along, unless `platforms` says which.
 */
export async function saveImages(
  deps: VerbDeps,
  names: readonly string[],
  platforms: readonly string[] = [],
): Promise<Readable> {
  const images = select(deps, names).map(image => narrow(deps, image, platforms))
  for (const { record } of images) deps.emit(imageEvent('save', record.id, record.id, record))
  return streamOf(deps, images)
}

/** One image under names that it need not have here. */
export const saveImageAs = (deps: VerbDeps, id: Digest, names: readonly string[], index?: IndexRecord): Readable =>
  streamOf(deps, [{ record: deps.store.find(id), tags: names, index }])

function streamOf(deps: VerbDeps, images: readonly SavedImage[]): Readable {
  const { store } = deps
  const pin = store.pin(
    images.flatMap(({ record, index }) => [
      record.id,
      ...record.layers.flatMap(layer => layer?.digest ?? []),
      ...(index ? blobsOfIndex(index) : []),
    ]),
  )
  const stream = Readable.from(archive(deps, images), { objectMode: false })
  stream.once('close', () => pin[Symbol.dispose]())
  return stream
}

/** Each image once, with the names asked for; a repository without tag means all of its tags. */
function select(deps: VerbDeps, names: readonly string[]): readonly SavedImage[] {
  const { store } = deps
  const found = new Map<string, { record: ImageRecord; tags: Set<string>; index?: IndexRecord | undefined }>()
  const add = (record: ImageRecord, tag?: string, index?: IndexRecord) => {
    const key = `${record.id} ${index?.descriptor.digest}`
    const entry = found.get(key) ?? { record, tags: new Set<string>(), index }
    if (tag) entry.tags.add(tag)
    found.set(key, entry)
  }
  for (const name of names) {
    const isId = isDigest(name) || /^[0-9a-f]{64}$/.test(name)
    const reference = isId ? undefined : tryParse(name)
    const inRepository = reference && !reference.tag && !reference.digest ? `${formatReference(reference)}:` : undefined
    const all = inRepository ? [...store.names.entries()].filter(([key]) => key.startsWith(inRepository)) : []
    for (const [key, { image }] of all) add(store.images.get(image)!, key, store.indexOf(key))
    if (all.length > 0) continue
    const key = reference && formatReference(withDefaultTag(reference))
    const target = key && !reference.digest ? store.names.get(key) : undefined
    if (target) add(store.images.get(target.image)!, key, store.indexOf(key!))
    else if (inRepository && !/^(sha256:)?[0-9a-f]+$/.test(name))
      throw new EngineError('not-found', `No such image: ${name}`)
    else add(store.find(name), undefined, isId ? undefined : store.indexOf(name))
  }
  return [...found.values()].map(({ record, tags, index }) => ({ record, tags: [...tags].sort(), index }))
}

/** The platforms wanted only, and of an index only what is here. */
function narrow(deps: VerbDeps, { record, tags, index }: SavedImage, platforms: readonly string[]): SavedImage {
  const here = index ? imagesOfIndex(index).flatMap(id => deps.store.images.get(id) ?? []) : [record]
  const chosen = platforms.length === 0 ? here : platforms.map(each => pick(deps, here, each))
  const main = chosen.includes(record) ? record : chosen[0]!
  if (!index) return { record: main, tags }
  const entries = entriesFor(index, new Set(chosen.map(({ id }) => id)))
  const isWhole = entries.every(({ blobs = [] }) => blobs.every(digest => deps.content.has(digest)))
  return isWhole && deps.content.has(index.descriptor.digest)
    ? { record: main, tags, index: { ...index, entries } }
    : { record: main, tags }
}

function pick(deps: VerbDeps, here: readonly ImageRecord[], platform: string): ImageRecord {
  const found = bestImage(here, platform, deps.platform)
  if (found) return found
  const wanted = formatPlatform(parsePlatform(platform, deps.platform))
  throw new EngineError('not-found', `no suitable export target found for platform ${wanted}`)
}

function tryParse(name: string) {
  try {
    return parseReference(name)
  } catch {
    return undefined
  }
}

interface Part {
  readonly digest: Digest
  readonly size: number
  readonly open: () => Readable
}

async function* archive(deps: VerbDeps, images: readonly SavedImage[]): AsyncGenerator<Buffer> {
  const parts = new Map<Digest, Part>()
  const manifests: Descriptor[] = []
  const entries: object[] = []
  const bytesPart = (digest: Digest, bytes: Buffer) => {
    parts.set(digest, { digest, size: bytes.length, open: () => Readable.from([bytes]) })
  }
  for (const { record, tags, index } of images) {
    const layers: Descriptor[] = []
    for (const i of record.config.rootfs.diff_ids.keys()) layers.push(await addLayer(deps, record, i, parts))
    bytesPart(record.id, await deps.content.read(record.id))
    const original = await originalManifest(deps, record)
    const manifest = original ? { descriptor: record.manifest!, bytes: original } : buildManifest(record, layers)
    if (index) for (const digest of blobsOfIndex(index)) parts.set(digest, storedPart(deps, digest))
    else bytesPart(manifest.descriptor.digest, manifest.bytes)
    manifests.push(...indexEntries(index ? index.descriptor : manifest.descriptor, index ? undefined : record, tags))
    entries.push({
      Config: blobPath(record.id),
      RepoTags: tags.length ? tags.map(familiar) : null,
      Layers: layers.map(({ digest }) => blobPath(digest)),
      LayerSources: Object.fromEntries(record.config.rootfs.diff_ids.map((diffId, i) => [diffId, layers[i]])),
    })
  }
  yield* directory('blobs/')
  yield* directory('blobs/sha256/')
  for (const part of [...parts.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1))) yield* blob(part)
  yield* file('index.json', { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests })
  yield* file('manifest.json', entries)
  yield* file('oci-layout', { imageLayoutVersion: '1.0.0' })
  const repositories = legacyRepositories(images)
  if (Object.keys(repositories).length > 0) yield* file('repositories', repositories)
  yield tarTrailer
}

const storedPart = ({ content }: VerbDeps, digest: Digest): Part => ({
  digest,
  size: content.sizeOf(digest) ?? 0,
  open: () => content.open(digest),
})

async function addLayer(deps: VerbDeps, record: ImageRecord, i: number, parts: Map<Digest, Part>): Promise<Descriptor> {
  const known = record.layers[i]
  if (known && deps.content.has(known.digest)) {
    parts.set(known.digest, { ...known, open: () => deps.content.open(known.digest) })
    return known
  }
  let size = 0
  for await (const chunk of layerTarOf(deps, record, i)) size += chunk.length
  const digest = record.config.rootfs.diff_ids[i]!
  parts.set(digest, { digest, size, open: () => layerTarOf(deps, record, i) })
  return { mediaType: mediaTypes.ociLayer, digest, size }
}

function indexEntries(descriptor: Descriptor, record: ImageRecord | undefined, tags: readonly string[]): Descriptor[] {
  const { architecture, os, variant } = record?.config ?? { architecture: '', os: '' }
  const base = record ? { ...descriptor, platform: { architecture, os, ...(variant ? { variant } : {}) } } : descriptor
  if (tags.length === 0) return [base]
  return tags.map(name => ({
    ...base,
    annotations: {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': parseReference(name).tag ?? '',
    },
  }))
}

function legacyRepositories(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {}
  for (const { record, tags } of images)
    for (const name of tags) {
      const [, repository = '', tag = ''] = /^(.*):([^:]+)$/.exec(familiar(name)) ?? []
      repositories[repository] = {
        ...repositories[repository],
        [tag]: hexOf(record.config.rootfs.diff_ids.at(-1) ?? record.id),
      }
    }
  return repositories
}

function* directory(name: string): Generator<Buffer> {
  yield encodeTarHeader(tarEntry(name, { type: 'directory' }))
}

function* file(name: string, value: object): Generator<Buffer> {
  const bytes = Buffer.from(JSON.stringify(value))
  yield encodeTarHeader(tarEntry(name, { size: bytes.length }))
  yield Buffer.concat([bytes, tarPadding(bytes.length)])
}

async function* blob({ digest, size, open }: Part): AsyncGenerator<Buffer> {
  yield encodeTarHeader(tarEntry(blobPath(digest), { size }))
  let sent = 0
  for await (const chunk of verified(open(), digest)) {
    sent += chunk.length
    yield chunk
  }
  if (sent !== size) throw new EngineError('internal', `blob ${digest} has ${sent} bytes instead of ${size}`)
  if (tarPadding(size).length > 0) yield tarPadding(size)
}
