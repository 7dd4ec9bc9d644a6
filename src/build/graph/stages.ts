import { EngineError, messageOf } from '../../base/errors.ts'
import { hostPlatform, parsePlatform } from '../../image/platform.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import type { ExecutionConfig, HistoryEntry, Platform } from '../../spec/oci-image.ts'
import { parseReference } from '../../spec/reference.ts'
import type { BuildArgs } from '../build-args.ts'
import { closest } from '../dockerfile/closest.ts'
import { expand, type Scope } from '../dockerfile/expand.ts'
import type { Dockerfile, Instruction, InstructionName, Stage } from '../dockerfile/instruction.ts'
import { didYouMean, variablesIn } from '../dockerfile/lint-from.ts'
import type { LintRule } from '../dockerfile/lint-rules.ts'
import { parseLine } from '../dockerfile/parse.ts'
import { envOf, type StageView, type Step } from '../ops/op.ts'
import { ops } from '../ops/table.ts'
import type { StepReport } from './progress.ts'

const comment = 'buildkit.dockerfile.v0'
const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const withFiles = new Set<string>(['RUN', 'COPY', 'ADD', 'WORKDIR'])

/** A step that changes files. */
export interface FileStep {
  readonly stage: PlannedStage
  readonly instruction: Instruction
  readonly step: Step
  /** what is shown of it, without its number */
  readonly title: string
  /** set before anything runs */
  progress?: StepReport
}

/** An instruction as it was planned, in its place. */
export interface PlannedStep {
  readonly instruction: Instruction
  readonly step: Step
  /** undefined for what changes the configuration only */
  readonly file: FileStep | undefined
}

/** A stage with everything known of it that needs no file: its configuration, history, and the steps to make. */
export interface PlannedStage {
  readonly index: number
  readonly stage: Stage
  readonly base: PlannedStage | ResolvedImage | undefined
  readonly from: string
  readonly platform: Platform
  /** as they are at its end */
  readonly args: BuildArgs
  readonly steps: readonly FileStep[]
  /** every instruction, those that the base image left for its users first */
  readonly all: readonly PlannedStep[]
  readonly triggers: number
  /** the classic builder's users see what comes before an instruction that is wrong */
  readonly failure: { readonly instruction: Instruction; readonly error: unknown } | undefined
  readonly config: ExecutionConfig
  readonly history: readonly HistoryEntry[]
  readonly author: string | undefined
}

export const isStage = (base: PlannedStage['base']): base is PlannedStage => base !== undefined && 'steps' in base

export interface Planning {
  readonly dialect: StageView['dialect']
  readonly file: Dockerfile
  readonly args: BuildArgs
  readonly platform: Platform
  /** looks up, or pulls, the image of a FROM */
  readonly image: (name: string, platform: Platform, at: Instruction) => Promise<ResolvedImage>
  /** everything of a view that the stage itself does not know */
  readonly view: (at: FileStepPlace) => Omit<StageView, 'args' | 'config' | 'hasCmd' | 'lookUp' | 'expand'>
  readonly fail: (error: unknown, at: Instruction) => unknown
  readonly warn: (rule: LintRule, detail: string, at: Instruction) => void
}

/** Filled in while the stage is planned: what an operation says later goes to the step that it became. */
export interface FileStepPlace {
  readonly stageIndex: number
  readonly platform: Platform
  step?: FileStep
}

/** @throws EngineError for what is wrong with the stage; nothing was built */
export async function planStage(
  planning: Planning,
  index: number,
  stageAt: (index: number) => Promise<PlannedStage>,
): Promise<PlannedStage> {
  const { file, args, platform: wanted } = planning
  const stage = file.stages[index]!
  const scope = { get: (name: string) => args.global(name), escape: file.escape }
  const failAt = (error: unknown) => planning.fail(error, stage.from)
  try {
    const from = expand(stage.from.args[0]!, scope)
    const platformText = expand(stage.from.flags.get('platform')?.at(-1) ?? '', scope)
    const raw = planning.dialect === 'classic' ? '' : stage.from.args[0]
    if (from === '') throw new EngineError('invalid', `base name (${raw}) should not be blank`)
    const isClassic = planning.dialect === 'classic'
    const platform = platformOf(stage, platformText, args, isClassic) ?? wanted
    const earlier = file.stages.slice(0, index).findLastIndex(({ name }) => name === from.toLowerCase())
    if (earlier < 0 && !isClassic) checkName(from)
    const base =
      earlier >= 0
        ? await stageAt(earlier)
        : from === 'scratch'
          ? undefined
          : await planning.image(from, platform, stage.from)
    if (isStage(base) && base.failure) throw base.failure.error
    return planInstructions(planning, { index, stage, from, platform, base })
  } catch (error) {
    throw failAt(error)
  }
}

/** @throws EngineError `invalid` in BuildKit's words */
function platformOf({ from }: Stage, text: string, args: BuildArgs, isClassic: boolean): Platform | undefined {
  const given = from.flags.get('platform')?.at(-1)
  if (given === undefined) return undefined
  if (text === '' && isClassic) return undefined
  if (text === '') {
    const unknown = variablesIn(given).find(name => args.global(name) === undefined)
    const hint = unknown === undefined ? '' : didYouMean(unknown, args.globalNames())
    throw new EngineError('invalid', `empty platform value from expression ${given}${hint}`)
  }
  try {
    return parsePlatform(text, hostPlatform())
  } catch (error) {
    throw new EngineError('invalid', `failed to parse platform ${text}: ${messageOf(error)}`, { cause: error })
  }
}

/** @throws EngineError `invalid` */
function checkName(from: string): void {
  try {
    parseReference(from)
  } catch (error) {
    const why = `failed to parse stage name ${JSON.stringify(from)}: ${messageOf(error)}`
    throw new EngineError('invalid', why, { cause: error })
  }
}

type Start = Pick<PlannedStage, 'index' | 'stage' | 'from' | 'platform' | 'base'>

function startOf({ base }: Start, isClassic: boolean) {
  if (isStage(base)) return { config: base.config, history: base.history, author: isClassic ? undefined : base.author }
  const config = base ? (base.config.config ?? {}) : isClassic ? {} : { WorkingDir: '/' }
  const env = envOf(config).has('PATH') ? config.Env : [...(config.Env ?? []), defaultPath]
  return {
    config: { ...config, ...(env ? { Env: env } : {}) },
    history: base?.config.history ?? [],
    author: isClassic ? undefined : base?.config.author,
  }
}

function planInstructions(planning: Planning, start: Start): PlannedStage {
  const isClassic = planning.dialect === 'classic'
  const args = isStage(start.base) && !isClassic ? start.base.args.forNext() : planning.args.forStage()
  /** arguments that were declared after a variable of the same name: they hide it */
  const hiding = new Set<string>()
  const steps: FileStep[] = []
  const all: PlannedStep[] = []
  let { config, history, author } = startOf(start, isClassic)
  let hasCmd = false
  let hasWorkdir = isStage(start.base) && start.base.steps.some(({ instruction }) => instruction.name === 'WORKDIR')
  const triggers = isStage(start.base) && !isClassic ? [] : (config.OnBuild ?? [])
  const known = { ...start, args, steps, all, triggers: triggers.length, failure: undefined }
  const planned: PlannedStage = { ...known, config, history, author }
  const one = (instruction: Instruction) => {
    const place: FileStepPlace = { stageIndex: start.index, platform: start.platform }
    const env = envOf(config)
    // steps are made later: what is declared behind them is not theirs
    const seen = instruction.name === 'ARG' ? args : args.forNext()
    const hidden = new Set(hiding)
    const lookUp = (name: string) =>
      hidden.has(name) ? (seen.get(name) ?? env.get(name)) : (env.get(name) ?? seen.get(name))
    const noted = (name: string, at: Instruction) => {
      const value = lookUp(name)
      if (value === undefined && !seen.isDeclared(name))
        planning.warn('UndefinedVar', undefinedVar(name, [...env.keys(), ...seen.names()]), at)
      return value
    }
    const view: StageView = {
      ...planning.view(place),
      args: seen,
      config,
      hasCmd,
      lookUp,
      expand: word => expand(word, { get: name => noted(name, instruction), escape: planning.file.escape }),
    }
    const directory = instruction.name === 'WORKDIR' && !hasWorkdir ? view.expand(instruction.args[0]!) : '/'
    if (!directory.startsWith('/'))
      planning.warn(
        'WorkdirRelativePath',
        `Relative workdir ${JSON.stringify(directory)} can have unexpected results if the base image changes`,
        instruction,
      )
    const isCommand = instruction.name === 'CMD' || instruction.name === 'ENTRYPOINT'
    if (isCommand && !instruction.isJson && !config.Shell?.length)
      planning.warn(
        'JSONArgsRecommended',
        `JSON arguments recommended for ${instruction.name} to prevent unintended behavior related to OS signals`,
        instruction,
      )
    for (const { body, expand: isExpanded } of instruction.name === 'RUN' ? [] : instruction.heredocs)
      if (isExpanded) tryExpand(body, { get: name => noted(name, instruction), escape: '\\', keepQuotes: true })
    hasWorkdir ||= instruction.name === 'WORKDIR'
    const step = ops[instruction.name as Exclude<InstructionName, 'FROM'>](instruction, view)
    const isLayer = withFiles.has(instruction.name)
    if (isLayer) {
      place.step = { stage: planned, instruction, step, title: titleOf(instruction, lookUp, planning.file.escape) }
      steps.push(place.step)
    }
    all.push({ instruction, step, file: place.step })
    for (const [name] of isClassic ? [] : instruction.pairs) {
      if (instruction.name === 'ARG' && args.get(name) !== undefined) hiding.add(name)
      if (instruction.name === 'ENV') hiding.delete(name)
    }
    config = step.config
    author = step.author ?? author
    hasCmd ||= instruction.name === 'CMD'
    const entry = { created_by: step.comment, comment, ...(isLayer ? {} : { empty_layer: true }) }
    if (step.comment !== '') history = [...history, entry]
  }
  if (triggers.length > 0) config = { ...config, OnBuild: null }
  let failure: PlannedStage['failure']
  const { line, endLine } = start.stage.from
  const inherited = triggers.map(text => parseLine({ line, endLine, text, heredocs: [] }))
  for (const instruction of [...inherited, ...start.stage.instructions]) {
    try {
      one(instruction)
    } catch (error) {
      failure = { instruction, error: planning.fail(error, instruction) }
      if (!isClassic) throw failure.error
      break
    }
  }
  return Object.assign(planned, { config, history, author, failure })
}

/** Only to see which variables it uses: what is wrong with it is said when it is built. */
function tryExpand(text: string, scope: Scope): void {
  try {
    expand(text, scope)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
  }
}

function undefinedVar(name: string, known: readonly string[]): string {
  const close = closest(name, known, 2)
  return `Usage of undefined variable '$${name}'${close ? ` (did you mean $${close}?)` : ''}`
}

/** As BuildKit shows a step: variables that have a value filled in. */
function titleOf(instruction: Instruction, get: (name: string) => string | undefined, mark: '\\' | '`'): string {
  const { name, original, heredocs } = instruction
  const text = original.replace(/^\S+/, name)
  const document = heredocs[0]?.body.trim().split('\n')
  const summary = name === 'RUN' && document ? ` (${document[0]}${document.length > 1 ? '...' : ''})` : ''
  try {
    return expand(text, { get, escape: mark, keepQuotes: name === 'RUN', keepUnset: true }) + summary
  } catch {
    return text + summary
  }
}
