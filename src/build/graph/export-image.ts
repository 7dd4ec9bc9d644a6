import { EngineError } from '../../base/errors.ts'
import type { Digest } from '../../spec/digest.ts'
import type { Attributes, ExportRequest } from '../../spec/engine-api/solver.ts'
import { formatReference, type Reference, withDefaultTag } from '../../spec/reference.ts'
import { type Exporting, isOn, namesOf, shownName, storeImages, toAnswer } from './export.ts'
import type { BuiltImage } from './job.ts'
import type { StepProgress } from './progress.ts'

/** The image in the engine, with its names, and in a registry where that is wanted. */
export function exportImage(
  exporting: Exporting,
  images: readonly BuiltImage[],
  _target: number,
  request: ExportRequest,
): Promise<Attributes> {
  const { deps, progress } = exporting
  const names = namesOf(request)
  const isPushed = isOn(request, 'push')
  return progress.during('exporting to image', async step => {
    using stored = await storeImages(exporting, images, request, step, { leaves: isPushed })
    const { ids, composed } = stored
    await step.part(`writing image ${composed?.descriptor.digest ?? ids[0]}`, () => {})
    let pushed: Digest | undefined
    for (const name of names) {
      const { domain, path, tag } = withDefaultTag(name)
      await step.part(`naming to ${shownName(name)}`, async () => {
        if (composed) deps.images.tagComposed(composed, `${domain}/${path}`, tag!)
        else await deps.images.tag(ids[0]!, `${domain}/${path}`, tag!)
      })
      if (isPushed) pushed = await push(exporting, withDefaultTag(name), step)
    }
    return { ...toAnswer(stored, names), ...(pushed ? { 'containerimage.digest': pushed } : {}) }
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
