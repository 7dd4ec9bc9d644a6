import { EngineError } from '../../base/errors.ts'
import type { Digest } from '../../spec/digest.ts'
import type { Attributes, BuildClient, ExportRequest } from '../../spec/engine-api/solver.ts'
import { formatReference, parseReference, withDefaultTag } from '../../spec/reference.ts'
import type { BuildDeps } from '../deps.ts'
import type { BuiltImage } from './build.ts'
import { toImageConfig } from './image-config.ts'
import type { Progress, StepProgress } from './progress.ts'
import { isStage } from './stages.ts'

export interface Exporting {
  readonly deps: BuildDeps
  readonly client: BuildClient
  readonly progress: Progress
  readonly labels: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

type Exporter = (exporting: Exporting, image: BuiltImage, request: ExportRequest) => Promise<Attributes>

const exporters: Readonly<Record<string, Exporter>> = { moby: exportMoby, image: exportMoby }

/** @throws EngineError for an exporter that there is not */
export function exportImage(exporting: Exporting, image: BuiltImage, request: ExportRequest): Promise<Attributes> {
  const exporter = exporters[request.type]
  if (!exporter) throw new EngineError('not-implemented', `exporter ${JSON.stringify(request.type)} could not be found`)
  return exporter(exporting, image, request)
}

const namesOf = ({ attributes }: ExportRequest) =>
  (attributes.name ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(Boolean)
    .map(name => parseReference(name))

/** Stores the image; every exporter that knows images begins with it. */
export async function storeImage({ deps, labels }: Exporting, image: BuiltImage, step: StepProgress): Promise<Digest> {
  let { base } = image.stage
  while (isStage(base)) base = base.base
  const config = toImageConfig(image, labels)
  await step.part('exporting layers', () => {})
  return deps.images.assembleImage(config, base?.id)
}

/** The image in the engine, with its names. */
async function exportMoby(exporting: Exporting, image: BuiltImage, request: ExportRequest): Promise<Attributes> {
  const { deps, progress } = exporting
  const names = namesOf(request)
  return progress.during('exporting to image', async step => {
    const id = await storeImage(exporting, image, step)
    await step.part(`writing image ${id}`, () => {})
    for (const name of names) {
      const { domain, path, tag } = withDefaultTag(name)
      const shown = name.tag ? formatReference(name) : `${domain}/${path}`
      await step.part(`naming to ${shown}`, () => deps.images.tag(id, `${domain}/${path}`, tag!))
    }
    return {
      'containerimage.config.digest': id,
      'containerimage.digest': id,
      ...(names.length ? { 'image.name': names.map(shownName).join(',') } : {}),
    }
  })
}

const shownName = (name: ReturnType<typeof parseReference>): string =>
  name.tag ? formatReference(name) : `${name.domain}/${name.path}`
