import type { Cancellable } from '../base/cancellable.ts'
import { type Digest, digestOf } from '../spec/digest.ts'
import {
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
  mediaTypes,
  type Platform,
} from '../spec/oci-image.ts'
import { outgoingLayer } from './blobs.ts'
import type { VerbDeps } from './deps.ts'
import type { IndexEntry, IndexRecord } from './index-record.ts'
import { type Packing, packedLayer, typeIn } from './packing.ts'
import type { ImageRecord } from './record.ts'
import { blobsOf } from './store.ts'

type Annotations = Readonly<Record<string, string>>

/** One statement about an image: https://github.com/in-toto/attestation/blob/main/spec/v0.1.0/statement.md */
export interface Attestation {
  readonly predicateType: string
  readonly predicate: unknown
  /** what the statement calls the image; none: by its digest alone */
  readonly names: readonly string[]
}

export interface ComposePart {
  readonly image: Digest
  readonly annotations?: Annotations | undefined
  /** where the index names the image */
  readonly descriptorAnnotations?: Annotations | undefined
  readonly attestations: readonly Attestation[]
  /** how many of its layers came with the image that it was made from */
  readonly inherited?: number
}

export interface ComposeRequest extends Cancellable {
  readonly parts: readonly ComposePart[]
  /** undefined: layers stay as they are, new ones are gzip */
  readonly packing?: Packing | undefined
  /** whose media types manifests use; default OCI's */
  readonly words?: 'oci' | 'docker' | undefined
  readonly indexAnnotations?: Annotations | undefined
}

/** Manifests that are stored, but named by nobody yet: kept until this is disposed of. */
export interface Composed extends Disposable {
  readonly descriptor: Descriptor
  /** undefined: one image is all there is */
  readonly index: IndexRecord | undefined
  readonly images: readonly Digest[]
  readonly blobs: readonly Digest[]
}

const some = (annotations: Annotations | undefined) =>
  annotations && Object.keys(annotations).length > 0 ? { annotations } : {}

const platformOf = ({ architecture, os, variant }: ImageConfig): Platform => ({
  architecture,
  os,
  ...(variant ? { variant } : {}),
})

/** Gives images the manifests that they leave the machine with, and an index where several, or statements, go together. */
export async function composeImages(deps: VerbDeps, request: ComposeRequest): Promise<Composed> {
  const { parts, indexAnnotations } = request
  using pins = new DisposableStack()
  const keep = (digests: readonly Digest[]) => void pins.use(deps.store.pin(digests))
  keep(parts.map(({ image }) => image))
  const entries: IndexEntry[] = []
  const attesting: IndexEntry[] = []
  for (const part of parts) {
    const record = await withManifest(deps, part, keep, request)
    const descriptor = { ...record.manifest!, platform: platformOf(record.config), ...some(part.descriptorAnnotations) }
    entries.push({ descriptor, image: record.id, blobs: blobsOf(record) })
    if (part.attestations.length > 0)
      attesting.push(await attest(deps, record.manifest!.digest, part.attestations, keep))
  }
  const all = [...entries, ...attesting]
  const images = parts.map(({ image }) => image)
  const isPlain = all.length === 1 && Object.keys(indexAnnotations ?? {}).length === 0
  const blobs = all.flatMap(entry => entry.blobs ?? [])
  if (isPlain) return { descriptor: entries[0]!.descriptor, index: undefined, images, blobs, ...moved(pins) }
  const indexType = request.words === 'docker' ? mediaTypes.dockerList : mediaTypes.ociIndex
  const index: Index = {
    schemaVersion: 2,
    mediaType: indexType,
    manifests: all.map(({ descriptor }) => descriptor),
    ...some(indexAnnotations),
  }
  const descriptor = await putJson(deps, indexType, index, keep)
  return {
    descriptor,
    index: { descriptor, entries: all },
    images,
    blobs: [...blobs, descriptor.digest],
    ...moved(pins),
  }
}

function moved(pins: DisposableStack): Disposable {
  const held = pins.move()
  return { [Symbol.dispose]: () => held[Symbol.dispose]() }
}

type Keep = (digests: readonly Digest[]) => void

async function withManifest(
  deps: VerbDeps,
  part: ComposePart,
  keep: Keep,
  { packing, words = 'oci', signal }: ComposeRequest,
): Promise<ImageRecord> {
  const record = deps.store.find(part.image)
  const layers: Descriptor[] = []
  for (const i of record.config.rootfs.diff_ids.keys()) {
    const isInherited = i < (part.inherited ?? 0)
    const layer = packing
      ? await packedLayer(deps, record, i, packing, isInherited, { signal })
      : await outgoingLayer(deps, record, i, { signal })
    keep([layer.digest])
    layers.push({ ...layer, mediaType: typeIn(words, layer.mediaType) })
  }
  const isDocker = words === 'docker'
  const mediaType = isDocker ? mediaTypes.dockerManifest : mediaTypes.ociManifest
  const configType = isDocker ? mediaTypes.dockerConfig : mediaTypes.ociConfig
  const config = { mediaType: configType, digest: record.id, size: record.configSize }
  const manifest: Manifest = { schemaVersion: 2, mediaType, config, layers, ...some(part.annotations) }
  const complete = { ...record, layers, manifest: await putJson(deps, mediaType, manifest, keep) }
  deps.store.save(complete)
  return complete
}

/** Spec: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md */
async function attest(
  deps: VerbDeps,
  subject: Digest,
  attestations: readonly Attestation[],
  keep: Keep,
): Promise<IndexEntry> {
  const [, sha256] = subject.split(':')
  const layers: Descriptor[] = []
  for (const { predicateType, predicate, names } of attestations) {
    const statement = {
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType,
      subject: (names.length ? names : ['_']).map(name => ({ name, digest: { sha256 } })),
      predicate,
    }
    const blob = await putJson(deps, 'application/vnd.in-toto+json', statement, keep)
    layers.push({ ...blob, annotations: { 'in-toto.io/predicate-type': predicateType } })
  }
  const config = await putJson(
    deps,
    mediaTypes.ociConfig,
    {
      architecture: 'unknown',
      os: 'unknown',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    },
    keep,
  )
  const manifest: Manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers }
  const descriptor: Descriptor = {
    ...(await putJson(deps, mediaTypes.ociManifest, manifest, keep)),
    platform: { architecture: 'unknown', os: 'unknown' },
    annotations: { 'vnd.docker.reference.digest': subject, 'vnd.docker.reference.type': 'attestation-manifest' },
  }
  return { descriptor, blobs: [descriptor.digest, config.digest, ...layers.map(({ digest }) => digest)] }
}

async function putJson({ content }: VerbDeps, mediaType: string, value: unknown, keep: Keep): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value))
  const digest = digestOf(bytes)
  keep([digest])
  await content.putBytes(bytes)
  return { mediaType, digest, size: bytes.length }
}
