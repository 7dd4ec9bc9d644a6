import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../base/errors.ts'
import type { Digest } from '../../spec/digest.ts'
import type { Attributes, BuildClient, ExportRequest } from '../../spec/engine-api/solver.ts'
import type { ImageConfig } from '../../spec/oci-image.ts'
import { formatReference, parseReference, type Reference, withDefaultTag } from '../../spec/reference.ts'
import type { BuildDeps } from '../deps.ts'
import { exportLocal, exportTar } from './export-files.ts'
import { toImageConfig } from './image-config.ts'
import type { BuiltImage } from './job.ts'
import type { Progress, StepProgress } from './progress.ts'
import { isStage } from './stages.ts'

export interface Exporting {
  readonly deps: BuildDeps
  readonly client: BuildClient
  readonly progress: Progress
  readonly labels: Readonly<Record<string, string>>
  /** completes the configuration of an image */
  readonly finish: (config: ImageConfig) => ImageConfig
  readonly signal: AbortSignal | undefined
}

/** What an exporter is given: the images, and which of the client's places the result goes to. */
type Exporter = (
  exporting: Exporting,
  images: readonly BuiltImage[],
  target: number,
  request: ExportRequest,
) => Promise<Attributes>

const exporters: Readonly<Record<string, Exporter>> = {
  moby: exportImage,
  image: exportImage,
  docker: exportArchive,
  oci: exportArchive,
  local: exportLocal,
  tar: exportTar,
}

/** @throws EngineError for an exporter that there is not */
export function exportTo(
  exporting: Exporting,
  images: readonly BuiltImage[],
  target: number,
  request: ExportRequest,
): Promise<Attributes> {
  const exporter = exporters[request.type]
  if (!exporter) throw new EngineError('not-implemented', `exporter ${JSON.stringify(request.type)} could not be found`)
  return exporter(exporting, images, target, request)
}

const namesOf = ({ attributes }: ExportRequest) =>
  (attributes.name ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(Boolean)
    .map(name => parseReference(name))

const isOn = ({ attributes }: ExportRequest, name: string): boolean => /^(true|1)$/i.test(attributes[name] ?? '')

function onlyOne(images: readonly BuiltImage[], { type }: ExportRequest): BuiltImage {
  if (images.length > 1)
    throw new EngineError(
      'not-implemented',
      `${type} exporter does not currently support exporting images of several platforms`,
    )
  return images[0]!
}

/** Stores the image; every exporter that knows images begins with it. */
async function storeImage({ deps, labels, finish }: Exporting, image: BuiltImage, step: StepProgress): Promise<Digest> {
  let { base } = image.stage
  while (isStage(base)) base = base.base
  const below = base?.id
  return step.part('exporting layers', () => deps.images.assembleImage(finish(toImageConfig(image, labels)), below))
}

const shownName = (name: Reference): string => (name.tag ? formatReference(name) : `${name.domain}/${name.path}`)

/** The image in the engine, with its names, and in a registry where that is wanted. */
async function exportImage(
  exporting: Exporting,
  images: readonly BuiltImage[],
  _target: number,
  request: ExportRequest,
): Promise<Attributes> {
  const { deps, progress } = exporting
  const names = namesOf(request)
  const image = onlyOne(images, request)
  return progress.during('exporting to image', async step => {
    const id = await storeImage(exporting, image, step)
    await step.part(`writing image ${id}`, () => {})
    for (const name of names) {
      const { domain, path, tag } = withDefaultTag(name)
      await step.part(`naming to ${shownName(name)}`, () => deps.images.tag(id, `${domain}/${path}`, tag!))
      if (isOn(request, 'push')) await push(exporting, withDefaultTag(name), step)
    }
    const shown = names.length ? { 'image.name': names.map(shownName).join(',') } : {}
    return { 'containerimage.config.digest': id, 'containerimage.digest': id, ...shown }
  })
}

async function push({ deps, client, signal }: Exporting, name: Reference, step: StepProgress): Promise<void> {
  const { domain, path, tag } = name
  const auth = await client.credentials(domain === 'docker.io' ? 'registry-1.docker.io' : domain)
  let failure: string | undefined
  await step.part(`pushing ${formatReference(name)}`, () =>
    deps.images.push(`${domain}/${path}`, { tag, auth, signal }, ({ error }) => (failure ??= error)),
  )
  if (failure !== undefined) throw new EngineError('internal', `failed to push ${formatReference(name)}: ${failure}`)
}

/** The image as an archive that is both an OCI layout and Docker's own. */
async function exportArchive(
  exporting: Exporting,
  images: readonly BuiltImage[],
  target: number,
  request: ExportRequest,
): Promise<Attributes> {
  const { deps, client, progress, signal } = exporting
  if (request.attributes.tar === 'false')
    throw new EngineError('not-implemented', `${request.type} exporter with tar=false is not supported`)
  const image = onlyOne(images, request)
  const names = namesOf(request)
  return progress.during(`exporting to ${request.type === 'oci' ? 'oci' : 'docker'} image format`, async step => {
    const id = await storeImage(exporting, image, step)
    using _pin = deps.images.pin([id])
    const full = names.map(name => formatReference(withDefaultTag(name)))
    await step.part('sending tarball', async () =>
      pipeline(await deps.images.saveAs(id, full), client.sendFile(target, {}, { signal }), { signal }),
    )
    const shown = names.length ? { 'image.name': names.map(shownName).join(',') } : {}
    return { 'containerimage.config.digest': id, 'containerimage.digest': id, ...shown }
  })
}
