import { EngineError } from '../../base/errors.ts'
import type { Digest } from '../../spec/digest.ts'
import type { Attributes, ExportRequest } from '../../spec/engine-api/solver.ts'
import { formatReference, type Reference, withDefaultTag } from '../../spec/reference.ts'
import type { BuildDeps } from '../deps.ts'
import { type Exporting, namesOf, type StoredImages, shownName, storeImages, toAnswer } from './export.ts'
import { forgetFresh } from './export-archive.ts'
import { formOf, switchOf } from './export-attributes.ts'
import type { BuiltImage } from './job.ts'
import type { StepProgress } from './progress.ts'
import { pushComposed } from './push-composed.ts'

/** The image in the engine, with its names, and in a registry where that is wanted. */
export function exportImage(
  exporting: Exporting,
  images: readonly BuiltImage[],
  _target: number,
  request: ExportRequest,
): Promise<Attributes> {
  const { deps, progress } = exporting
  const names = namesOf(request)
  const form = formOf(request)
  const isPushed = switchOf(request.attributes, 'push') ?? false
  // what goes out as it is here is pushed by its name; a form of its own, or no name, needs manifests first
  const withManifests = isPushed && (form.packing !== undefined || form.byDigest || !form.isStored)
  return progress.during('exporting to image', async step => {
    using stored = await storeImages(exporting, images, request, step, { leaves: isPushed, withManifests })
    const { ids, composed } = stored
    try {
      await step.part(`writing image ${composed?.descriptor.digest ?? ids[0]}`, () => {})
      let pushed: Digest | undefined
      for (const name of names) {
        if (form.isStored && !(isPushed && form.byDigest)) await nameIt(deps, stored, name, step)
        if (isPushed && form.byDigest && name.tag)
          throw new EngineError(
            'invalid',
            `failed to push ${shownName(name)}: can't push tagged ref ${shownName(name)} by digest`,
          )
        const target = form.byDigest ? name : withDefaultTag(name)
        if (isPushed && withManifests) pushed = await pushComposed(exporting, composed!, target, step)
        else if (isPushed) pushed = await push(exporting, target, step)
      }
      return { ...toAnswer(stored, names), ...(pushed ? { 'containerimage.digest': pushed } : {}) }
    } finally {
      if (!form.isStored) await forgetFresh(deps, stored)
    }
  })
}

function nameIt({ images }: BuildDeps, { ids, composed }: StoredImages, name: Reference, step: StepProgress) {
  const { domain, path, tag } = withDefaultTag(name)
  return step.part(`naming to ${shownName(name)}`, async () => {
    if (composed) images.tagComposed(composed, `${domain}/${path}`, tag!)
    else await images.tag(ids[0]!, `${domain}/${path}`, tag!)
  })
}

/** Returns the digest of the manifest as the registry has it. */
async function push(
  { deps, client, signal }: Exporting,
  name: Reference,
  step: StepProgress,
): Promise<Digest | undefined> {
  const { domain, path, tag } = name
  const auth = await client.credentials(domain === 'docker.io' ? 'registry-1.docker.io' : domain)
  let failure: string | undefined
  let digest: Digest | undefined
  await step.part(`pushing ${formatReference(name)}`, () =>
    deps.images.push(`${domain}/${path}`, { tag, auth, signal }, ({ error, aux }) => {
      failure ??= error
      digest = (aux as { readonly Digest?: Digest } | undefined)?.Digest ?? digest
    }),
  )
  if (failure !== undefined) throw new EngineError('internal', `failed to push ${formatReference(name)}: ${failure}`)
  return digest
}
