import { createHash } from 'node:crypto'
import { pipeline, type Readable } from 'node:stream'
import { detectCompression, gzip } from '../archive/compression.ts'
import type { Cancellable } from '../base/cancellable.ts'
import { EngineError } from '../base/errors.ts'
import { type Digest, digestOf } from '../spec/digest.ts'
import { type Descriptor, type Manifest, mediaTypes } from '../spec/oci-image.ts'
import type { VerbDeps } from './deps.ts'
import type { ImageRecord } from './record.ts'
import { chainsOf } from './store.ts'

const typeOf = { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd } as const

/** What a layer in the content store is, told from its first bytes. */
export async function describeLayer({ content }: VerbDeps, digest: Digest): Promise<Descriptor> {
  const head = Buffer.concat(await content.open(digest, { start: 0, end: 6 }).toArray())
  const compression = detectCompression(head)
  const mediaType = compression === 'bzip2' || compression === 'xz' ? mediaTypes.ociLayer : typeOf[compression]
  return { mediaType, digest, size: content.sizeOf(digest)! }
}

/**
 * The bytes of a blob on their way out of this machine; the last of them come when all were right.
 *
 * @throws EngineError `internal` naming the blob that the disk has damaged
 */
export async function* verified(source: AsyncIterable<Buffer>, digest: Digest): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let held: Buffer | undefined
  for await (const chunk of source) {
    hash.update(chunk)
    if (held) yield held
    held = chunk
  }
  if (`sha256:${hash.digest('hex')}` !== digest)
    throw new EngineError('internal', `content ${digest} is damaged: remove the image and pull it again`)
  if (held) yield held
}

/** The layer as an uncompressed tar, made anew from its directory. */
export function layerTarOf({ snapshots }: VerbDeps, record: ImageRecord, layer: number): Readable {
  return snapshots.diff(snapshots.layers(chainsOf(record.config)[layer]!)[0]!)
}

const isPlain = ({ mediaType }: Descriptor): boolean =>
  mediaType === mediaTypes.ociLayer || mediaType === mediaTypes.dockerLayer

/**
 * The blob of a layer for the way out, compressed; made, and kept, when there is none yet.
 * A layer that was brought here uncompressed goes out compressed.
 */
export async function outgoingLayer(
  deps: VerbDeps,
  record: ImageRecord,
  layer: number,
  options: Cancellable = {},
): Promise<Descriptor> {
  const { content } = deps
  const known = record.layers[layer]
  if (known && content.has(known.digest) && !isPlain(known)) return known
  const tar = known && content.has(known.digest) ? content.open(known.digest) : layerTarOf(deps, record, layer)
  const packed = pipeline(tar, gzip(), () => {})
  const stored = await content.putUnknown(packed, options)
  return { mediaType: mediaTypes.ociLayerGzip, ...stored }
}

/** The blob of the layer at the top of a stack, for the way out; that of an image that has one, else made anew. */
export async function blobOfChain(deps: VerbDeps, chain: Digest, options: Cancellable = {}): Promise<Descriptor> {
  const { content, snapshots, store } = deps
  for (const record of store.images.values()) {
    const layer = record.layers[chainsOf(record.config).indexOf(chain)]
    if (layer && content.has(layer.digest) && !isPlain(layer)) return layer
  }
  const packed = pipeline(snapshots.diff(snapshots.layers(chain)[0]!), gzip(), () => {})
  const stored = await content.putUnknown(packed, options)
  return { mediaType: mediaTypes.ociLayerGzip, ...stored }
}

/** The manifest of an image made here, in OCI's form or in Docker's, as its layers are. */
export function buildManifest(
  record: ImageRecord,
  layers: readonly Descriptor[],
): { descriptor: Descriptor; bytes: Buffer } {
  const docker = layers.length > 0 && layers.every(({ mediaType }) => mediaType.startsWith('application/vnd.docker.'))
  const mediaType = docker ? mediaTypes.dockerManifest : mediaTypes.ociManifest
  const config = {
    mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.ociConfig,
    digest: record.id,
    size: record.configSize,
  }
  const manifest: Manifest = { schemaVersion: 2, mediaType, config, layers }
  const bytes = Buffer.from(JSON.stringify(manifest))
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
}

/** The manifest that the image came with, if every blob of it is still the one that would be sent. */
export async function originalManifest(
  { content }: VerbDeps,
  { manifest, layers }: ImageRecord,
): Promise<Buffer | undefined> {
  const isWhole = layers.every(layer => layer && content.has(layer.digest))
  return manifest && isWhole && content.has(manifest.digest) ? content.read(manifest.digest) : undefined
}
