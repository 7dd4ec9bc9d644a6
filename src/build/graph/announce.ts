import { formatPlatform } from '../../image/platform.ts'
import { formatReference, parseReference, withDefaultTag } from '../../spec/reference.ts'
import type { BuildContext } from '../context.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import type { BaseImages } from './base-images.ts'
import { ClientContext } from './context.ts'
import type { Progress, StepProgress } from './progress.ts'
import { isStage, type PlannedStage } from './stages.ts'

/** Shows all steps that there will be, numbered within their stages. */
export function announce(
  file: Dockerfile,
  stages: readonly PlannedStage[],
  context: BuildContext,
  progress: Progress,
  baseImages: BaseImages,
): void {
  const needsContext = stages.some(({ steps }) =>
    steps.some(({ step }) => step.reads?.some(({ from, paths }) => from === undefined && paths.length > 0)),
  )
  const client = context instanceof ClientContext ? context : undefined
  if (needsContext && client) {
    client.step = progress.step('[internal] load build context')
    client.step.announce()
  }
  const bases = new Map<string, StepProgress>()
  for (const stage of stages) {
    const name =
      file.stages.length === 1 && baseImages.named.size === 0 ? '' : `${stage.stage.name ?? `stage-${stage.index}`} `
    const hasFrom = stage.base !== undefined && !isStage(stage.base)
    const total = stage.steps.length + (hasFrom ? 1 : 0)
    const width = String(total).length
    let at = 0
    const numbered = (title: string) => `[${name}${String(++at).padStart(width)}/${total}] ${title}`
    let last: StepProgress | undefined
    if (hasFrom && !baseImages.named.has(stage.from)) {
      const reference = formatReference(withDefaultTag(parseReference(stage.from)))
      const title = numbered(`FROM ${reference}`)
      const known = bases.get(`${reference} ${formatPlatform(stage.platform)}`)
      last = known ?? progress.step(title)
      if (!known) {
        bases.set(`${reference} ${formatPlatform(stage.platform)}`, last)
        last.cached()
      }
    }
    for (const step of stage.steps) {
      const reads = step.step.reads?.some(({ from }) => from === undefined) && client?.step ? [client.step] : []
      last = progress.step(numbered(step.title), [...(last ? [last] : []), ...reads])
      last.announce()
      step.progress = last
    }
  }
}
