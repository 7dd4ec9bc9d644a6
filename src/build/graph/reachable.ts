import { posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { closest } from '../dockerfile/closest.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import { isStage, type PlannedStage } from './stages.ts'

export function indexOfStage({ stages }: Dockerfile, name: string, before: number): number | undefined {
  const named = stages.findLastIndex(stage => stage.name === name.toLowerCase())
  if (named >= 0) {
    if (named >= before) throw new EngineError('invalid', `circular dependency detected on stage: ${name}`)
    return named
  }
  if (!/^\d+$/.test(name)) return undefined
  if (Number(name) >= before) throw new EngineError('invalid', `invalid stage index ${Number(name)}`)
  return Number(name)
}

export function targetOf({ stages }: Dockerfile, target: string | undefined): number {
  if (!target) return stages.length - 1
  const index = stages.findLastIndex(({ name }) => name === target.toLowerCase())
  if (index >= 0) return index
  const names = stages.flatMap(({ name }) => name ?? [])
  const near = closest(target.toLowerCase(), names)
  throw new EngineError(
    'invalid',
    `target stage ${JSON.stringify(target)} could not be found${near ? ` (did you mean ${near}?)` : ''}`,
  )
}

/** The stages that the target needs, and itself. */
export async function reachable(
  file: Dockerfile,
  target: PlannedStage,
  stageAt: (index: number) => Promise<PlannedStage>,
): Promise<readonly PlannedStage[]> {
  const found = new Set<PlannedStage>()
  const visit = async (stage: PlannedStage): Promise<void> => {
    if (found.has(stage)) return
    found.add(stage)
    if (isStage(stage.base)) await visit(stage.base)
    for (const { step } of stage.steps)
      for (const { from } of step.reads ?? []) {
        const index = from === undefined ? undefined : indexOfStage(file, from, stage.index)
        if (index !== undefined) await visit(await stageAt(index))
      }
  }
  await visit(target)
  return [...found].sort((a, b) => a.index - b.index)
}

/** What of the context the steps read; undefined when it may be all. */
export function followed(stages: readonly PlannedStage[]): readonly string[] | undefined {
  const paths = stages
    .flatMap(({ steps }) => steps)
    .flatMap(({ step }) => step.reads ?? [])
    .flatMap(({ from, paths }) => (from === undefined ? paths : []))
    .map(path => posix.resolve('/', path).slice(1))
  if (paths.includes('')) return undefined
  return [...new Set(paths)].sort()
}
