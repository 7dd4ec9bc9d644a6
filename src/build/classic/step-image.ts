import { type Digest, digestOf } from '../../spec/digest.ts'
import type { ExecutionConfig, HistoryEntry, ImageConfig } from '../../spec/oci-image.ts'
import { timeOf } from '../graph/run-steps.ts'
import { isStage, type PlannedStage } from '../graph/stages.ts'
import type { ClassicBuild } from './stages.ts'

/** The image so far: where FROM starts, or one step further. */
export interface StepImage {
  /** undefined: nothing has happened on top of nothing */
  readonly id: Digest | undefined
  readonly history: readonly HistoryEntry[]
  readonly diffIds: readonly Digest[]
  readonly author: string | undefined
}

/** What one step adds to it. */
export interface StepChange {
  readonly config: ExecutionConfig
  readonly createdBy: string
  readonly author: string | undefined
  readonly diffIds: readonly Digest[]
}

/** What a stage stands on; `earlier` are the images of the stages before it. */
export function firstImage({ base }: PlannedStage, earlier: readonly StepImage[]): StepImage {
  if (isStage(base)) return { ...earlier[base.index]!, author: undefined }
  const { history = [], rootfs } = base?.config ?? {}
  return { id: base?.id, history, diffIds: rootfs?.diff_ids ?? [], author: undefined }
}

/** The configuration of the image after a step: the same steps give the same image. */
export function nextConfig(
  { platform, base }: PlannedStage,
  before: StepImage,
  { config, createdBy, author = before.author, diffIds }: StepChange,
  options: ClassicBuild['options'],
): ImageConfig {
  const created = new Date(timeOf({ stage: { base } }, options) * 1000).toISOString().replace('.000Z', 'Z')
  const by = author ? { author } : {}
  const isEmpty = diffIds.length === before.diffIds.length
  const entry = { created, created_by: createdBy, ...by, ...(isEmpty ? { empty_layer: true } : {}) }
  const { os, architecture, variant } = platform
  return {
    architecture,
    ...(variant ? { variant } : {}),
    os,
    ...by,
    created,
    config,
    history: [...before.history, entry],
    rootfs: { type: 'layers', diff_ids: diffIds },
  }
}

/** Stores the image after a step, as a child of the one before; says whether it was there already. */
export async function storeStep(
  { graph, keep }: Pick<ClassicBuild, 'graph' | 'keep'>,
  before: StepImage,
  config: ImageConfig,
): Promise<StepImage & { readonly isKnown: boolean }> {
  const { images } = graph.deps
  const id = digestOf(JSON.stringify(config))
  keep.use(images.pin([id]))
  const isKnown = images.has(id)
  if (!isKnown) await images.assembleImage(config, before.id, before.id)
  const { history = [], rootfs, author } = config
  return { id, history, diffIds: rootfs.diff_ids, author, isKnown }
}
