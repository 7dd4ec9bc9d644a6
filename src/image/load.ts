import { createReadStream, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { Semaphore } from '../base/semaphore.ts'
import type { UnpackedLayer } from '../snapshot/snapshotter.ts'
import { type Digest, digestOf, hexOf, isDigest, shortId } from '../spec/digest.ts'
import type { OnProgress } from '../spec/engine-api/engine.ts'
import type { Descriptor, ImageConfig } from '../spec/oci-image.ts'
import { formatFamiliar, formatReference, parseReference, withDefaultTag } from '../spec/reference.ts'
import { describeLayer } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import { type IndexEntry, type IndexRecord, imagesOfIndex, isAttestation, subjectOf } from './index-record.ts'
import { parseConfig, parseIndex, parseManifest } from './manifest.ts'
import { parsePlatform, platformScore, selectManifest } from './platform.ts'
import { LayerProgress } from './progress.ts'
import { chainsOf } from './store.ts'

export interface LoadOptions extends Cancellable {
  readonly quiet: boolean
  /** of images for several: only these, each `os/arch[/variant]` */
  readonly platforms?: readonly string[] | undefined
}

interface ArchivedIndex {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
  readonly children: readonly Descriptor[]
}

/** One image of an archive: paths inside it. */
interface ArchivedImage {
  readonly config: string
  readonly layers: readonly string[]
  readonly tags: readonly string[]
  readonly manifest?: string | undefined
  /** the index that it is a part of */
  readonly index?: ArchivedIndex | undefined
}

/** Takes in what `save` gives, of this engine, of Docker old and new, or any OCI layout. */
export async function loadImages(deps: VerbDeps, tar: Readable, options: LoadOptions, send: OnProgress): Promise<void> {
  await using extracted = await deps.snapshots.extract(tar, options)
  const archive = new Archive(extracted.directory)
  const images = wanted(deps, archive, archive.images(deps), options.platforms ?? [])
  // the one with the names comes last: the others are held by then
  const byNames = images.toSorted((a, b) => a.tags.length - b.tags.length)
  for (const image of byNames) {
    const siblings = byNames.filter(({ index }) => index && index === image.index)
    await loadOne(deps, archive, image, siblings.length > 1 ? siblings : [image], options, send)
  }
}

/** @throws EngineError `not-found` when the archive has nothing for these platforms */
function wanted(
  deps: VerbDeps,
  archive: Archive,
  images: readonly ArchivedImage[],
  platforms: readonly string[],
): readonly ArchivedImage[] {
  if (platforms.length === 0) return images
  const scores = (image: ArchivedImage) => {
    const config = parseConfig(archive.read(image.config))
    return platforms.some(platform => platformScore(parsePlatform(platform, deps.platform), config) > 0)
  }
  const chosen = images.filter(scores)
  if (chosen.length === 0)
    throw new EngineError('not-found', `no image for platform ${platforms.join(', ')} in the archive`)
  const named = (image: ArchivedImage) =>
    image.tags.length > 0 || !image.index ? image : { ...image, tags: tagsOfIndex(images, image.index) }
  return chosen.some(({ tags }) => tags.length > 0) ? chosen : chosen.map(named)
}

const tagsOfIndex = (images: readonly ArchivedImage[], index: ArchivedIndex): readonly string[] =>
  images.filter(image => image.index === index).flatMap(({ tags }) => tags)

/** An extracted archive: nothing outside of it is read, wherever its links point. */
class Archive {
  readonly #root: string

  constructor(directory: string) {
    this.#root = realpathSync(directory)
  }

  path(name: string): string {
    const path = join(this.#root, name)
    if (!existsSync(path)) throw new EngineError('invalid', `open ${name}: no such file or directory`)
    const real = realpathSync(path)
    if (!real.startsWith(`${this.#root}/`) || !statSync(real).isFile())
      throw new EngineError('invalid', `invalid path in archive: ${JSON.stringify(name)}`)
    return real
  }

  has(name: string): boolean {
    return existsSync(join(this.#root, name))
  }

  read(name: string): Buffer {
    const path = this.path(name)
    if (statSync(path).size > 16 << 20) throw new EngineError('invalid', `${name} is too large`)
    return readFileSync(path)
  }

  images({ platform }: VerbDeps): readonly ArchivedImage[] {
    const indexes = this.has('index.json') ? this.#indexes() : []
    if (this.has('manifest.json')) return this.#withSiblings(this.#dockerImages(indexes), indexes)
    if (this.has('index.json')) return this.#ociImages(platform, indexes)
    throw new EngineError('invalid', 'invalid archive: does not contain a manifest.json')
  }

  /** The index of an image for several platforms, as far as its manifests are in the archive. */
  #indexes(): readonly ArchivedIndex[] {
    return parseIndex(this.read('index.json')).manifests.flatMap(descriptor => {
      const bytes = this.#verified(descriptor.digest)
      if (!bytes || !Array.isArray(JSON.parse(bytes.toString()).manifests)) return []
      const { mediaType, digest } = descriptor
      const children = parseIndex(bytes).manifests
      return [{ descriptor: { mediaType, digest, size: bytes.length }, bytes, children }]
    })
  }

  /** Undefined when it is not there. */
  #verified(digest: Digest): Buffer | undefined {
    const path = blobPath(digest)
    if (!this.has(path)) return undefined
    const bytes = this.read(path)
    if (digestOf(bytes) !== digest) throw new EngineError('invalid', `${path} has another digest`)
    return bytes
  }

  #dockerImages(indexes: readonly ArchivedIndex[]): readonly ArchivedImage[] {
    const entries = JSON.parse(this.read('manifest.json').toString())
    if (!Array.isArray(entries)) throw new EngineError('invalid', 'invalid manifest.json')
    const manifests = this.#manifestsByConfig(indexes)
    return entries.map(({ Config, RepoTags, Layers }) => {
      if (typeof Config !== 'string' || !Array.isArray(Layers ?? []))
        throw new EngineError('invalid', 'invalid manifest.json')
      const found = manifests.get(digestOf(this.read(Config)))
      return { config: Config, layers: (Layers ?? []).map(String), tags: (RepoTags ?? []).map(String), ...found }
    })
  }

  /** Archives of this engine and of newer Dockers also hold the manifests. */
  #manifestsByConfig(indexes: readonly ArchivedIndex[]): Map<Digest, Pick<ArchivedImage, 'manifest' | 'index'>> {
    const found = new Map<Digest, Pick<ArchivedImage, 'manifest' | 'index'>>()
    if (!this.has('index.json')) return found
    const add = (digest: Digest, index?: ArchivedIndex) => {
      const image = this.#image(digest, index)
      if (image) found.set(digestOf(this.read(image.config)), { manifest: image.manifest, index })
    }
    for (const { digest } of parseIndex(this.read('index.json')).manifests) add(digest)
    for (const index of indexes) for (const child of index.children) if (!isAttestation(child)) add(child.digest, index)
    return found
  }

  /** Images of an index that manifest.json does not list: those of other platforms. */
  #withSiblings(images: readonly ArchivedImage[], indexes: readonly ArchivedIndex[]): readonly ArchivedImage[] {
    const known = new Set(images.map(({ manifest }) => manifest))
    const inUse = indexes.filter(index => images.some(image => image.index === index))
    const others = inUse.flatMap(index => this.#children(index)).filter(({ manifest }) => !known.has(manifest))
    return [...images, ...others]
  }

  #children(index: ArchivedIndex): readonly ArchivedImage[] {
    return index.children.flatMap(child => (isAttestation(child) ? [] : (this.#image(child.digest, index) ?? [])))
  }

  /** What a manifest describes, if all of it is in the archive. */
  #image(digest: Digest, index?: ArchivedIndex): ArchivedImage | undefined {
    const bytes = this.#verified(digest)
    if (!bytes || Array.isArray(JSON.parse(bytes.toString()).manifests)) return undefined
    const { config, layers } = parseManifest(bytes)
    const paths = layers.map(layer => blobPath(layer.digest))
    if (!this.has(blobPath(config.digest))) return undefined
    return { config: blobPath(config.digest), layers: paths, tags: [], manifest: blobPath(digest), index }
  }

  #ociImages(platform: VerbDeps['platform'], indexes: readonly ArchivedIndex[]): readonly ArchivedImage[] {
    return parseIndex(this.read('index.json')).manifests.flatMap(({ digest, annotations = {} }) => {
      const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name']
      const tags = name?.includes(':') || name?.includes('/') ? [name] : []
      const index = indexes.find(({ descriptor }) => descriptor.digest === digest)
      if (!index) {
        if (!this.has(blobPath(digest)))
          throw new EngineError('invalid', `open ${blobPath(digest)}: no such file or directory`)
        const image = this.#image(digest)
        return image ? [{ ...image, tags }] : []
      }
      const here = this.#children(index)
      const chosen = selectManifest(
        index.children.filter(child => here.some(image => image.manifest === blobPath(child.digest))),
        platform,
      )
      const main = (chosen && here.find(({ manifest }) => manifest === blobPath(chosen.digest))) ?? here[0]
      return here.map(image => (image === main ? { ...image, tags } : image))
    })
  }
}

function blobPath(digest: Digest): string {
  if (!isDigest(digest)) throw new EngineError('invalid', `invalid digest ${JSON.stringify(digest)}`)
  return `blobs/sha256/${hexOf(digest)}`
}

async function loadOne(
  deps: VerbDeps,
  archive: Archive,
  image: ArchivedImage,
  siblings: readonly ArchivedImage[],
  options: LoadOptions,
  send: OnProgress,
) {
  const { store, content } = deps
  const configBytes = archive.read(image.config)
  const config = parseConfig(configBytes)
  const id = digestOf(configBytes)
  const { diff_ids: diffIds } = config.rootfs
  if (image.layers.length !== diffIds.length)
    throw new EngineError(
      'invalid',
      `invalid manifest, layers length mismatch: expected ${diffIds.length}, got ${image.layers.length}`,
    )
  const names = image.tags.map(tag => formatReference(withDefaultTag(parseReference(tag))))
  const chains = chainsOf(config)
  using pins = new DisposableStack()
  pins.use(store.pin([id, ...chains]))
  const blobs: Digest[] = [id]
  try {
    const keep = (digest: Digest) => {
      blobs.push(digest)
      pins.use(store.pin([digest]))
    }
    const layers = await loadLayers(
      deps,
      image.layers.map(path => archive.path(path)),
      config,
      keep,
      options,
      send,
    )
    const manifest = image.manifest ? await keepManifest(deps, archive.read(image.manifest), layers) : undefined
    if (manifest) blobs.push(manifest.descriptor.digest)
    await content.putBytes(configBytes)
    const isMain = image.index && (image.tags.length > 0 || siblings.length === 1)
    const index = isMain ? await keepIndex(deps, archive, image.index!, siblings, keep, options) : undefined
    announceMoves(deps, names, id, index, send)
    store.save(
      {
        id,
        config,
        configSize: configBytes.length,
        layers: manifest?.layers ?? layers,
        manifest: manifest?.descriptor,
        index: index?.descriptor,
      },
      names,
      names.length > 0 ? index : undefined,
    )
  } finally {
    pins.dispose()
    await store.collect(blobs, chains)
  }
  deps.emit(imageEvent('load', id, id, store.images.get(id)))
  if (names.length === 0 && siblings.length === 1) send({ stream: `Loaded image ID: ${id}\n` })
  for (const name of names) send({ stream: `Loaded image: ${formatFamiliar(parseReference(name))}\n` })
}

/** The index itself, the manifests that are here, and what attests to them. */
async function keepIndex(
  { content }: VerbDeps,
  archive: Archive,
  { descriptor, bytes, children }: ArchivedIndex,
  images: readonly ArchivedImage[],
  keep: (digest: Digest) => void,
  options: LoadOptions,
): Promise<IndexRecord> {
  keep(descriptor.digest)
  await content.putBytes(bytes)
  const here = new Set(images.map(({ manifest }) => manifest))
  const isHere = (child: Descriptor) => here.has(blobPath(child.digest))
  const entryOf = async (child: Descriptor): Promise<IndexEntry> => {
    const subject = children.find(({ digest }) => digest === subjectOf(child))
    if (!isHere(child) && !(subject && isHere(subject))) return { descriptor: child }
    const path = blobPath(child.digest)
    if (!archive.has(path)) return { descriptor: child }
    const { config, layers } = parseManifest(archive.read(path))
    const blobs = [child, config, ...layers]
    if (!blobs.every(blob => archive.has(blobPath(blob.digest)))) return { descriptor: child }
    for (const blob of blobs) {
      keep(blob.digest)
      if (content.has(blob.digest)) continue
      await content.put(
        blob,
        createReadStream(archive.path(blobPath(blob.digest)), { highWaterMark: 1 << 18 }),
        options,
      )
    }
    const digests = blobs.map(({ digest }) => digest)
    return { descriptor: child, blobs: digests, ...(isHere(child) ? { image: config.digest } : {}) }
  }
  const entries: IndexEntry[] = []
  for (const child of children) entries.push(await entryOf(child))
  return { descriptor, entries }
}

/** Layers of an archive at work at the same time; each is hashed and unpacked at once. */
const layersAtOnce = 3

/** Stores the blobs of all layers, and those layers that are not there yet, in one piece. */
async function loadLayers(
  deps: VerbDeps,
  paths: readonly string[],
  config: ImageConfig,
  keep: (digest: Digest) => void,
  options: LoadOptions,
  send: OnProgress,
): Promise<readonly Descriptor[]> {
  const { content, snapshots } = deps
  const chains = chainsOf(config)
  const missing = chains.findIndex(chain => !snapshots.has(chain))
  const base = missing < 0 ? chains.length : missing
  const places = new Semaphore(layersAtOnce)
  await using unpacked = new AsyncDisposableStack()
  const loadLayer = async (path: string, i: number) => {
    const [blob, layer] = await Promise.allSettled([
      content.putFile(path, options),
      i < base ? undefined : unpackLayer(deps, path, i, config, options, send),
    ])
    if (blob.status === 'fulfilled') keep(blob.value.digest)
    if (layer.status === 'fulfilled' && layer.value) unpacked.use(layer.value)
    if (blob.status === 'rejected') throw blob.reason
    if (layer.status === 'rejected') throw layer.reason
    return { descriptor: await describeLayer(deps, blob.value.digest), layer: layer.value }
  }
  const settled = await Promise.allSettled(paths.map((path, i) => places.run(() => loadLayer(path, i))))
  const failed = settled.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
  const loaded = settled.flatMap(result => (result.status === 'fulfilled' ? result.value : []))
  const fresh = loaded.flatMap(({ layer }) => layer ?? [])
  if (fresh.length > 0) await snapshots.commit(chains[base - 1], fresh)
  return loaded.map(({ descriptor }) => descriptor)
}

async function unpackLayer(
  { snapshots }: VerbDeps,
  path: string,
  i: number,
  { rootfs }: ImageConfig,
  { quiet, signal }: LoadOptions,
  send: OnProgress,
): Promise<UnpackedLayer> {
  const diffId = rootfs.diff_ids[i]!
  const progress = quiet ? undefined : new LayerProgress(shortId(diffId), send)
  const { size } = statSync(path)
  let read = 0
  const source = createReadStream(path, { highWaterMark: 1 << 18 })
  source.on('data', chunk => progress?.bar('Loading layer', (read += chunk.length), size))
  source.pause()
  const unpacked = await snapshots.unpack(source, { signal })
  if (unpacked.diffId === diffId) return unpacked
  await unpacked[Symbol.asyncDispose]()
  throw new EngineError('invalid', `invalid diffID for layer ${i}: expected "${diffId}", got "${unpacked.diffId}"`)
}

/** The manifest of the archive, if it names exactly these blobs. */
async function keepManifest({ content }: VerbDeps, bytes: Buffer, layers: readonly Descriptor[]) {
  const manifest = parseManifest(bytes)
  if (!manifest.layers.every((layer, i) => layer.digest === layers[i]?.digest)) return undefined
  const digest = await content.putBytes(bytes)
  const mediaType = manifest.mediaType ?? 'application/vnd.oci.image.manifest.v1+json'
  return { descriptor: { mediaType, digest, size: bytes.length }, layers: manifest.layers }
}

function announceMoves(
  { store }: VerbDeps,
  names: readonly string[],
  id: Digest,
  index: IndexRecord | undefined,
  send: OnProgress,
): void {
  for (const name of names) {
    const old = store.names.get(name)?.image
    const stays = old && index && imagesOfIndex(index).includes(old)
    if (old && old !== id && !stays)
      send({
        stream: `The image ${formatFamiliar(parseReference(name))} already exists, renaming the old one with ID ${old} to empty string\n`,
      })
  }
}
