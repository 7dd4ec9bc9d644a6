import type { ImageConfig } from '../../spec/oci-image.ts'
import type { BuiltImage } from './job.ts'
import { isStage } from './stages.ts'

/** The configuration of a built image, its fields in BuildKit's order. */
export function toImageConfig(
  { stage, stack, platform, time }: BuiltImage,
  labels: Readonly<Record<string, string>>,
): ImageConfig {
  const created = new Date(time * 1000).toISOString().replace('.000Z', 'Z')
  const own = Object.keys(labels).length ? { Labels: { ...stage.config.Labels, ...labels } } : {}
  const config = dropEmpty({ ...stage.config, ...own })
  let { base } = stage
  while (isStage(base)) base = base.base
  const inherited = base?.config.history?.length ?? 0
  const history = stage.history.map((entry, i) => (i < inherited ? entry : { created, ...entry }))
  return {
    architecture: platform.architecture,
    ...(stage.author ? { author: stage.author } : {}),
    config,
    created,
    history,
    os: platform.os,
    rootfs: { type: 'layers', diff_ids: stack.diffIds },
    ...(platform.variant ? { variant: platform.variant } : {}),
  }
}

const dropEmpty = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null && each !== undefined)) as T
