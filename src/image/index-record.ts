import type { Digest } from '../spec/digest.ts'
import type { Descriptor } from '../spec/oci-image.ts'
import { parsePlatform, platformScore } from './platform.ts'
import type { ImageRecord } from './record.ts'

/** One manifest of an index, and what of it is here. */
export interface IndexEntry {
  readonly descriptor: Descriptor
  /** the image made from it; undefined for attestations and what was not fetched */
  readonly image?: Digest | undefined
  /** the manifest and all that it names; undefined when it was not fetched */
  readonly blobs?: readonly Digest[] | undefined
}

/** An image for several platforms as it came; kept as long as a name means it. */
export interface IndexRecord {
  readonly descriptor: Descriptor
  readonly entries: readonly IndexEntry[]
}

const typeKey = 'vnd.docker.reference.type'
const subjectKey = 'vnd.docker.reference.digest'

export const isAttestation = ({ annotations }: Descriptor): boolean => annotations?.[typeKey] === 'attestation-manifest'

/** What an attestation speaks of; undefined for everything else. */
export const subjectOf = (descriptor: Descriptor): string | undefined =>
  isAttestation(descriptor) ? descriptor.annotations?.[subjectKey] : undefined

export const blobsOfIndex = ({ descriptor, entries }: IndexRecord): readonly Digest[] => [
  descriptor.digest,
  ...entries.flatMap(({ blobs = [] }) => blobs),
]

export const imagesOfIndex = ({ entries }: IndexRecord): readonly Digest[] =>
  entries.flatMap(({ image }) => (image ? [image] : []))

/** Both know the same index: what either has is there. */
export const mergeIndexes = (known: IndexRecord | undefined, fresh: IndexRecord): IndexRecord => ({
  ...fresh,
  entries: fresh.entries.map((entry, i) => (entry.blobs ? entry : (known?.entries[i] ?? entry))),
})

/** The index without an image and what attests to it. */
export function withoutImage(index: IndexRecord, image: Digest): IndexRecord {
  const gone = new Set(index.entries.filter(entry => entry.image === image).map(({ descriptor }) => descriptor.digest))
  return {
    ...index,
    entries: index.entries.map(entry =>
      gone.has(entry.descriptor.digest) || gone.has(subjectOf(entry.descriptor) as Digest)
        ? { descriptor: entry.descriptor }
        : entry,
    ),
  }
}

/** The entries of some images, with what attests to them. */
export function entriesFor(index: IndexRecord, images: ReadonlySet<Digest>): readonly IndexEntry[] {
  const own = index.entries.filter(({ image }) => image && images.has(image))
  const digests = new Set<string>(own.map(({ descriptor }) => descriptor.digest))
  const others = index.entries.filter(({ descriptor, blobs, image }) => {
    const subject = subjectOf(descriptor)
    return blobs && !image && (subject === undefined || digests.has(subject))
  })
  return index.entries.filter(entry => own.includes(entry) || others.includes(entry))
}

/** The best of some images for `os/arch[/variant]`; undefined when none will do. */
export function bestImage(
  records: readonly ImageRecord[],
  platform: string,
  host: Parameters<typeof parsePlatform>[1],
): ImageRecord | undefined {
  const wanted = parsePlatform(platform, host)
  const scored = records.map(record => ({ record, score: platformScore(wanted, record.config) }))
  return scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score)[0]?.record
}
