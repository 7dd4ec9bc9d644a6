import type { ImageManifestSummary, ImageSummary } from '../spec/engine-api/image.ts'
import { type Descriptor, mediaTypes } from '../spec/oci-image.ts'
import type { VerbDeps } from './deps.ts'
import { type IndexEntry, type IndexRecord, subjectOf } from './index-record.ts'
import type { ImageRecord } from './record.ts'
import { blobsOf, chainsOf } from './store.ts'

type Multi = Required<Pick<ImageSummary, 'Descriptor' | 'Manifests'>>

/** The members of a list or an inspection that `manifests=1` adds: each manifest behind the name, here or not. */
export function manifestsOf(deps: VerbDeps, record: ImageRecord, index: IndexRecord | undefined): Multi {
  if (index) return { Descriptor: index.descriptor, Manifests: index.entries.map(entry => summarize(deps, entry)) }
  const own = { mediaType: mediaTypes.ociConfig, digest: record.id, size: record.configSize }
  const descriptor: Descriptor = record.manifest ?? own
  const blobs = blobsOf(record)
  return { Descriptor: descriptor, Manifests: [summarize(deps, { descriptor, image: record.id, blobs })] }
}

function summarize(deps: VerbDeps, { descriptor, image, blobs = [] }: IndexEntry): ImageManifestSummary {
  const { content, store } = deps
  const record = image === undefined ? undefined : store.images.get(image)
  const subject = subjectOf(descriptor)
  const Content = blobs.reduce((sum, digest) => sum + (content.sizeOf(digest) ?? 0), 0)
  const Unpacked = record ? unpackedSize(deps, record) : 0
  const base = {
    ID: descriptor.digest,
    Descriptor: descriptor,
    Available: blobs.length > 0 && (record !== undefined || blobs.every(digest => content.has(digest))),
    Size: { Content, Total: Content + Unpacked },
  }
  if (subject !== undefined) return { ...base, Kind: 'attestation', AttestationData: { For: subject } }
  const platform = descriptor.platform ?? record?.config
  if (!platform) return { ...base, Kind: 'unknown' }
  const { architecture, os, variant } = platform
  return {
    ...base,
    Kind: 'image',
    ImageData: {
      Platform: { architecture, os, ...(variant ? { variant } : {}) },
      Containers: record ? deps.usage(record.id).map(({ id }) => id) : [],
      Size: { Unpacked },
    },
  }
}

const unpackedSize = ({ snapshots }: VerbDeps, { config }: ImageRecord): number =>
  chainsOf(config).reduce((sum, chain) => sum + (snapshots.has(chain) ? snapshots.sizeOf(chain) : 0), 0)
