import { pipeline } from 'node:stream/promises'
import { EngineError, isEngineError } from '../../base/errors.ts'
import type { Attributes, ExportRequest } from '../../spec/engine-api/solver.ts'
import { formatReference, withDefaultTag } from '../../spec/reference.ts'
import type { BuildDeps } from '../deps.ts'
import { type Exporting, namesOf, type StoredImages, storeImages, toAnswer } from './export.ts'
import { switchOf } from './export-attributes.ts'
import type { BuiltImage } from './job.ts'
import type { StepProgress } from './progress.ts'

/** The image as an archive that is both an OCI layout and Docker's own, or as a layout in a directory of the client. */
export function exportArchive(
  exporting: Exporting,
  images: readonly BuiltImage[],
  target: number,
  request: ExportRequest,
): Promise<Attributes> {
  const { deps, progress } = exporting
  const isOci = request.type === 'oci'
  if (images.length > 1 && !isOci)
    throw new EngineError('invalid', 'docker exporter does not currently support exporting manifest lists')
  const isDirectory = switchOf(request.attributes, 'tar') === false
  return progress.during(`exporting to ${isOci ? 'oci' : 'docker'} image format`, async step => {
    const options = { leaves: isOci, withManifests: isDirectory || isOci }
    using stored = await storeImages(exporting, images, request, step, options)
    try {
      if (isDirectory) await sendLayout(exporting, stored, step)
      else await sendArchive(exporting, stored, target, request, step)
      return toAnswer(stored, namesOf(request))
    } finally {
      // what went to the client is no image of the engine
      await forgetFresh(deps, stored)
    }
  })
}

async function sendArchive(
  { deps, client, signal }: Exporting,
  { ids, composed }: StoredImages,
  target: number,
  request: ExportRequest,
  step: StepProgress,
): Promise<void> {
  const full = namesOf(request).map(name => formatReference(withDefaultTag(name)))
  await step.part('sending tarball', async () =>
    pipeline(await deps.images.saveAs(ids[0]!, full, composed?.index), client.sendFile(target, {}, { signal }), {
      signal,
    }),
  )
}

/** The client writes the index of its directory itself. */
async function sendLayout({ deps, client, signal }: Exporting, { composed }: StoredImages, step: StepProgress) {
  const place = client.blobs('export')
  for (const digest of composed!.blobs) {
    if (await place.has(digest, { signal })) continue
    const blob = deps.images.blob(digest)
    await step.part(`writing ${digest}`, () => place.put(blob, () => deps.images.openBlob(digest), { signal }))
  }
}

/** Removes the images that nobody had before, and nobody has a name for. */
export async function forgetFresh({ images }: BuildDeps, { fresh }: Pick<StoredImages, 'fresh'>): Promise<void> {
  for (const id of fresh) {
    try {
      if (images.namesOf(id).length === 0) await images.remove(id, { force: false, noPrune: true })
    } catch (error) {
      if (!isEngineError(error)) throw error // somebody uses it by now
    }
  }
}
