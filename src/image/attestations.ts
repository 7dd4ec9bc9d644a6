import type { Cancellable } from '../base/cancellable.ts'
import { messageOf } from '../base/errors.ts'
import type { Repository } from '../remote/repository.ts'
import type { Digest } from '../spec/digest.ts'
import type { Descriptor } from '../spec/oci-image.ts'
import type { VerbDeps } from './deps.ts'
import { type IndexEntry, type IndexRecord, subjectOf } from './index-record.ts'
import { parseManifest } from './manifest.ts'

/** Provenance and lists of parts are text: more than this is not what it says it is. */
const sizeLimit = 64 << 20

/**
 * Brings what attests to the images that are here. An image is as good without: what cannot be had is left out.
 *
 * @param keep is told of each blob before it comes
 */
export async function fetchAttestations(
  deps: VerbDeps,
  repository: Repository,
  index: IndexRecord,
  keep: (digest: Digest) => void,
  options: Cancellable,
): Promise<IndexRecord> {
  const subjects = new Set<string>(index.entries.flatMap(({ image, descriptor }) => (image ? [descriptor.digest] : [])))
  const fetchOne = async (entry: IndexEntry): Promise<IndexEntry> => {
    const subject = subjectOf(entry.descriptor)
    if (subject === undefined || !subjects.has(subject)) return entry
    try {
      return { ...entry, blobs: await fetchAttestation(deps, repository, entry.descriptor, keep, options) }
    } catch (error) {
      if (options.signal?.aborted) throw error
      deps.log.warn('attestation not fetched', { digest: entry.descriptor.digest, error: messageOf(error) })
      return entry
    }
  }
  return { ...index, entries: await Promise.all(index.entries.map(fetchOne)) }
}

async function fetchAttestation(
  { content }: VerbDeps,
  repository: Repository,
  { digest }: Descriptor,
  keep: (digest: Digest) => void,
  options: Cancellable,
): Promise<readonly Digest[]> {
  keep(digest)
  const bytes = content.has(digest) ? await content.read(digest) : (await repository.manifest(digest, options)).bytes
  const { config, layers } = parseManifest(bytes)
  const blobs = [config, ...layers]
  if (blobs.reduce((sum, { size }) => sum + size, 0) > sizeLimit) throw new Error('too large for an attestation')
  for (const blob of blobs) {
    keep(blob.digest)
    if (!content.has(blob.digest)) await content.putBytes(await repository.smallBlob(blob.digest, sizeLimit, options))
  }
  await content.putBytes(bytes)
  return [digest, ...blobs.map(blob => blob.digest)]
}
