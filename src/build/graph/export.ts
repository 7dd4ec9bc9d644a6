import { EngineError } from '../../base/errors.ts'
import type { Composed } from '../../image/compose.ts'
import { type Digest, digestOf } from '../../spec/digest.ts'
import type { Attributes, BuildClient, ExportRequest } from '../../spec/engine-api/solver.ts'
import type { ImageConfig } from '../../spec/oci-image.ts'
import { formatReference, parseReference, type Reference } from '../../spec/reference.ts'
import type { BuildDeps } from '../deps.ts'
import { Annotations } from './annotations.ts'
import { attestationsTo } from './attestations.ts'
import { exportArchive } from './export-archive.ts'
import { formOf } from './export-attributes.ts'
import { exportLocal, exportTar } from './export-files.ts'
import { exportImage } from './export-image.ts'
import { toImageConfig } from './image-config.ts'
import type { BuiltImage } from './job.ts'
import type { GraphOptions } from './options.ts'
import type { Progress, StepProgress } from './progress.ts'
import { isStage } from './stages.ts'

export interface Exporting {
  readonly deps: BuildDeps
  readonly client: BuildClient
  readonly progress: Progress
  readonly options: GraphOptions
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

export const namesOf = ({ attributes }: ExportRequest): readonly Reference[] =>
  (attributes.name ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(Boolean)
    .map(name => parseReference(name))

export const shownName = (name: Reference): string => (name.tag ? formatReference(name) : `${name.domain}/${name.path}`)

/** Stores the image; every exporter that knows images begins with it. */
async function storeImage({ deps, options, finish }: Exporting, image: BuiltImage) {
  let { base } = image.stage
  while (isStage(base)) base = base.base
  const config = finish(toImageConfig(image, options.labels ?? {}))
  const isFresh = !deps.images.has(digestOf(JSON.stringify(config)))
  const inherited = base?.config.rootfs.diff_ids.length ?? 0
  return { id: await deps.images.assembleImage(config, base?.id), isFresh, inherited }
}

/** Images in the store, kept there until disposed of. */
export interface StoredImages extends Disposable {
  readonly ids: readonly Digest[]
  /** those that were not there before */
  readonly fresh: readonly Digest[]
  /** undefined where the images need no manifests of their own yet */
  readonly composed: Composed | undefined
}

export interface StoreOptions {
  /** the result leaves this machine: statements about it go along */
  readonly leaves: boolean
  /** manifests are wanted in any case */
  readonly withManifests?: boolean
}

/** Stores what was built, with annotations, and with what attests to it where that is wanted. */
export async function storeImages(
  exporting: Exporting,
  images: readonly BuiltImage[],
  request: ExportRequest,
  step: StepProgress,
  { leaves, withManifests = false }: StoreOptions,
): Promise<StoredImages> {
  const { deps, signal } = exporting
  const annotations = new Annotations(request.attributes)
  using pins = new DisposableStack()
  const { packing, words } = formOf(request)
  const ids: Digest[] = []
  const fresh: Digest[] = []
  const inherited: number[] = []
  await step.part('exporting layers', async () => {
    for (const image of images) {
      const stored = await storeImage(exporting, image)
      const { id, isFresh } = stored
      pins.use(deps.images.pin([id]))
      ids.push(id)
      inherited.push(stored.inherited)
      if (isFresh) fresh.push(id)
    }
  })
  const statements = await attestationsTo(exporting, images, namesOf(request).map(shownName), leaves)
  const isPlain = annotations.isEmpty && statements.every(each => each.length === 0)
  if (isPlain && images.length === 1 && !withManifests && !packing && !words)
    return { ids, fresh, composed: undefined, ...moved(pins) }
  const composed = await step.part('exporting manifests', () =>
    deps.images.compose({
      parts: images.map(({ platform }, i) => ({
        image: ids[i]!,
        annotations: annotations.at('manifest', platform),
        descriptorAnnotations: annotations.at('manifest-descriptor', platform),
        attestations: statements[i]!,
        inherited: inherited[i]!,
      })),
      packing,
      words: isPlain ? words : 'oci', // Docker's manifests have neither annotations nor statements
      indexAnnotations: annotations.at('index'),
      signal,
    }),
  )
  pins.use(composed)
  return { ids, fresh, composed, ...moved(pins) }
}

function moved(pins: DisposableStack): Disposable {
  const held = pins.move()
  return { [Symbol.dispose]: () => held[Symbol.dispose]() }
}

/** What the client is told of the result. */
export function toAnswer({ ids, composed }: StoredImages, names: readonly Reference[]): Attributes {
  const shown = names.length ? { 'image.name': names.map(shownName).join(',') } : {}
  const config = ids.length === 1 ? { 'containerimage.config.digest': ids[0]! } : {}
  if (!composed) return { ...config, 'containerimage.digest': ids[0]!, ...shown }
  const descriptor = Buffer.from(JSON.stringify(composed.descriptor)).toString('base64')
  return {
    ...config,
    'containerimage.digest': composed.descriptor.digest,
    'containerimage.descriptor': descriptor,
    ...shown,
  }
}
