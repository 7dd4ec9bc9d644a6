import { EngineError } from '../../base/errors.ts'
import type { BuildOptions } from '../../spec/engine-api/build-verbs.ts'
import type { Dockerfile, Instruction, Stage } from '../dockerfile/instruction.ts'
import { checkHealth } from '../ops/healthcheck.ts'

/**
 * The file up to the target; labels of the command line end its last stage.
 *
 * @throws EngineError `invalid` when there is no such target
 */
export function selectStages(file: Dockerfile, { target, labels }: BuildOptions): Dockerfile {
  const stages = upTo(file.stages, target)
  const last = stages.at(-1)!
  const given = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const all = [...stages.slice(0, -1), given.length ? withLabels(last, given) : last]
  for (const { instructions } of all)
    for (const instruction of instructions) if (instruction.name === 'HEALTHCHECK') checkHealth(instruction)
  return { ...file, stages: all }
}

/** Steps as they are counted to the user. */
export const stepCount = ({ stages, globalArgs }: Dockerfile): number =>
  stages.reduce((sum, { instructions }) => sum + 1 + instructions.length, globalArgs.length)

function upTo(stages: readonly Stage[], target: string | undefined): readonly Stage[] {
  if (!target) return stages
  const named = stages.findIndex(({ name }) => name === target.toLowerCase())
  const index = named < 0 && /^\d+$/.test(target) ? Number(target) : named
  if (index < 0 || index >= stages.length)
    throw new EngineError('invalid', `target stage ${JSON.stringify(target)} could not be found`)
  return stages.slice(0, index + 1)
}

function withLabels(stage: Stage, labels: readonly (readonly [string, string])[]): Stage {
  const text = labels.map(([name, value]) => `${name}=${value}`).join(' ')
  const quoted = labels.map(([name, value]) => [literal(name), literal(value)] as const)
  const label: Instruction = {
    name: 'LABEL',
    line: 0,
    endLine: 0,
    original: `LABEL ${text}`,
    flags: new Map(),
    args: [],
    pairs: quoted,
    isJson: false,
    heredocs: [],
    comments: [],
  }
  return { ...stage, instructions: [...stage.instructions, label] }
}

/** A word that no expansion changes. */
const literal = (text: string): string => `'${text.replaceAll("'", `'"'"'`)}'`
