import { createReadStream, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { type Digest, digestOf, hexOf, isDigest, shortId } from '../spec/digest.ts'
import type { OnProgress } from '../spec/engine-api/engine.ts'
import type { Descriptor } from '../spec/oci-image.ts'
import { formatFamiliar, formatReference, parseReference, withDefaultTag } from '../spec/reference.ts'
import { describeLayer } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import { imageEvent } from './event.ts'
import { parseConfig, parseIndex, parseManifest } from './manifest.ts'
import { selectManifest } from './platform.ts'
import { LayerProgress } from './progress.ts'
import { chainsOf } from './store.ts'

export interface LoadOptions extends Cancellable {
  readonly quiet: boolean
}

/** One image of an archive: paths inside it. */
interface ArchivedImage {
  readonly config: string
  readonly layers: readonly string[]
  readonly tags: readonly string[]
  readonly manifest?: string | undefined
}

/** Takes in what `save` gives, of this engine, of Docker old and new, or any OCI layout. */
export async function loadImages(deps: VerbDeps, tar: Readable, options: LoadOptions, send: OnProgress): Promise<void> {
  await using extracted = await deps.snapshots.extract(tar, options)
  const archive = new Archive(extracted.directory)
  for (const image of archive.images(deps)) await loadOne(deps, archive, image, options, send)
}

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

  images(deps: VerbDeps): readonly ArchivedImage[] {
    if (this.has('manifest.json')) return this.#dockerImages()
    if (this.has('index.json')) return this.#ociImages(deps)
    throw new EngineError('invalid', 'invalid archive: does not contain a manifest.json')
  }

  #dockerImages(): readonly ArchivedImage[] {
    const entries = JSON.parse(this.read('manifest.json').toString())
    if (!Array.isArray(entries)) throw new EngineError('invalid', 'invalid manifest.json')
    const manifests = this.#manifestsByConfig()
    return entries.map(({ Config, RepoTags, Layers }) => {
      if (typeof Config !== 'string' || !Array.isArray(Layers ?? []))
        throw new EngineError('invalid', 'invalid manifest.json')
      const manifest = manifests.get(digestOf(this.read(Config)))
      return { config: Config, layers: (Layers ?? []).map(String), tags: (RepoTags ?? []).map(String), manifest }
    })
  }

  /** Archives of this engine and of newer Dockers also hold the manifests. */
  #manifestsByConfig(): Map<Digest, string> {
    const found = new Map<Digest, string>()
    if (!this.has('index.json')) return found
    for (const { digest } of parseIndex(this.read('index.json')).manifests) {
      const path = blobPath(digest)
      if (!this.has(path)) continue
      const bytes = this.read(path)
      try {
        if (digestOf(bytes) === digest) found.set(parseManifest(bytes).config.digest, path)
      } catch {} // an index or an attestation
    }
    return found
  }

  #ociImages({ platform }: VerbDeps): readonly ArchivedImage[] {
    return parseIndex(this.read('index.json')).manifests.flatMap(descriptor => {
      const { annotations = {} } = descriptor
      const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name']
      const found = this.#ociManifest(descriptor, platform)
      if (!found) return []
      const manifest = parseManifest(this.read(found))
      const layers = manifest.layers.map(({ digest }) => blobPath(digest))
      return [
        {
          config: blobPath(manifest.config.digest),
          layers,
          tags: name?.includes(':') || name?.includes('/') ? [name] : [],
          manifest: found,
        },
      ]
    })
  }

  #ociManifest(descriptor: Descriptor, platform: VerbDeps['platform']): string | undefined {
    const path = blobPath(descriptor.digest)
    const bytes = this.read(path)
    if (digestOf(bytes) !== descriptor.digest) throw new EngineError('invalid', `${path} has another digest`)
    if (!Array.isArray(JSON.parse(bytes.toString()).manifests)) return path
    const chosen = selectManifest(
      parseIndex(bytes).manifests.filter(({ digest }) => this.has(blobPath(digest))),
      platform,
    )
    return chosen && blobPath(chosen.digest)
  }
}

function blobPath(digest: Digest): string {
  if (!isDigest(digest)) throw new EngineError('invalid', `invalid digest ${JSON.stringify(digest)}`)
  return `blobs/sha256/${hexOf(digest)}`
}

async function loadOne(deps: VerbDeps, archive: Archive, image: ArchivedImage, options: LoadOptions, send: OnProgress) {
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
    const layers: Descriptor[] = []
    for (const [i, path] of image.layers.entries()) {
      const { digest } = await content.putUnknown(
        createReadStream(archive.path(path), { highWaterMark: 1 << 18 }),
        options,
      )
      pins.use(store.pin([digest]))
      blobs.push(digest)
      layers.push(await describeLayer(deps, digest))
      await applyLayer(deps, chains, i, diffIds[i]!, layers[i]!, options, send)
    }
    const manifest = image.manifest ? await keepManifest(deps, archive.read(image.manifest), layers) : undefined
    if (manifest) blobs.push(manifest.descriptor.digest)
    await content.putBytes(configBytes)
    announceMoves(deps, names, id, send)
    store.save(
      {
        id,
        config,
        configSize: configBytes.length,
        layers: manifest?.layers ?? layers,
        manifest: manifest?.descriptor,
      },
      names,
    )
  } finally {
    pins.dispose()
    await store.collect(blobs, chains)
  }
  deps.emit(imageEvent('load', id, id, store.images.get(id)))
  if (names.length === 0) send({ stream: `Loaded image ID: ${id}\n` })
  for (const name of names) send({ stream: `Loaded image: ${formatFamiliar(parseReference(name))}\n` })
}

async function applyLayer(
  { snapshots, content }: VerbDeps,
  chains: readonly Digest[],
  i: number,
  diffId: Digest,
  layer: Descriptor,
  { quiet, signal }: LoadOptions,
  send: OnProgress,
) {
  if (snapshots.has(chains[i]!)) return
  const progress = quiet ? undefined : new LayerProgress(shortId(diffId), send)
  let read = 0
  const source = content.open(layer.digest)
  source.on('data', chunk => progress?.bar('Loading layer', (read += chunk.length), layer.size))
  source.pause()
  await using unpacked = await snapshots.unpack(source, { signal })
  if (unpacked.diffId !== diffId)
    throw new EngineError('invalid', `invalid diffID for layer ${i}: expected "${diffId}", got "${unpacked.diffId}"`)
  await snapshots.commit(chains[i - 1], [unpacked])
}

/** The manifest of the archive, if it names exactly these blobs. */
async function keepManifest({ content }: VerbDeps, bytes: Buffer, layers: readonly Descriptor[]) {
  const manifest = parseManifest(bytes)
  if (!manifest.layers.every((layer, i) => layer.digest === layers[i]?.digest)) return undefined
  const digest = await content.putBytes(bytes)
  const mediaType = manifest.mediaType ?? 'application/vnd.oci.image.manifest.v1+json'
  return { descriptor: { mediaType, digest, size: bytes.length }, layers: manifest.layers }
}

function announceMoves({ store }: VerbDeps, names: readonly string[], id: Digest, send: OnProgress): void {
  for (const name of names) {
    const old = store.names.get(name)?.image
    if (old && old !== id)
      send({
        stream: `The image ${formatFamiliar(parseReference(name))} already exists, renaming the old one with ID ${old} to empty string\n`,
      })
  }
}
