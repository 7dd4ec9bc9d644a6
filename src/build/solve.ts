import { EngineError, isEngineError } from '../base/errors.ts'
import { hostPlatform, parsePlatform } from '../image/platform.ts'
import { type Digest, shortId } from '../spec/digest.ts'
import type { BuildOptions } from '../spec/engine-api/build-verbs.ts'
import type { OnProgress } from '../spec/engine-api/engine.ts'
import type { ExecutionConfig } from '../spec/oci-image.ts'
import { fetchImage } from './base-image.ts'
import { BuildArgs } from './build-args.ts'
import type { StepCache } from './cache.ts'
import type { CacheImages } from './cache-from.ts'
import type { BuildContext } from './context.ts'
import type { BuildDeps } from './deps.ts'
import { expand } from './dockerfile/expand.ts'
import type { Instruction, Stage } from './dockerfile/instruction.ts'
import { parseLine } from './dockerfile/parse.ts'
import { envOf } from './ops/op.ts'
import type { BuildPlan } from './plan.ts'
import { advance, type StageDeps, type StageState } from './stage.ts'

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface Solving {
  readonly deps: BuildDeps
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly cache: StepCache
  readonly others: CacheImages
  readonly send: OnProgress
  readonly pin: (image: Digest) => void
}

interface Finished {
  readonly name: string | undefined
  readonly state: StageState
}

/** Builds stage after stage; returns the image of the last one. */
export async function solve(solving: Solving, plan: BuildPlan): Promise<Digest> {
  const { options, send } = solving
  const text = (stream: string) => send({ stream })
  let count = 0
  const announce = ({ original }: Instruction) => text(`Step ${++count}/${plan.stepCount} : ${original}\n`)
  const args = new BuildArgs(options.buildArgs ?? {}, platformArgs(options))
  const globalScope = { get: (name: string) => args.global(name), escape: plan.escape }
  for (const instruction of plan.globalArgs) {
    announce(instruction)
    for (const [name, value] of instruction.pairs)
      args.declareGlobal(name, value === undefined ? undefined : expand(value, globalScope))
  }
  const finished: Finished[] = []
  for (const stage of plan.stages) {
    announce(stage.from)
    const from = expand(stage.from.args[0]!, globalScope)
    const platformText = expand(stage.from.flags.get('platform')?.at(-1) ?? '', globalScope) || options.platform
    const shared = shareWith({ ...solving, options: { ...options, platform: platformText } }, plan, finished, text)
    const state = await runStage(
      shared,
      args.forStage(),
      await startStage(shared, from, finished, send),
      stage,
      announce,
    )
    finished.push({ name: stage.name, state })
    if (state.image) send({ aux: { ID: state.image } })
  }
  const unused = args.unused()
  if (unused.length > 0) text(`[Warning] One or more build-args [${unused.join(' ')}] were not consumed\n`)
  const result = finished.at(-1)?.state.image
  if (!result) throw new EngineError('internal', 'No image was generated. Is your Dockerfile empty?')
  return result
}

function shareWith(solving: Solving, plan: BuildPlan, finished: readonly Finished[], send: (text: string) => void) {
  const { deps, options, send: progress } = solving
  const platform = options.platform ? parsePlatform(options.platform, hostPlatform()) : hostPlatform()
  const imageOf: StageDeps['imageOf'] = async from => {
    const stage = stageCalled(finished, from)
    if (stage) return stage.state
    if (/^\d+$/.test(from)) throw new EngineError('invalid', `invalid from flag value ${from}: index out of bounds`)
    try {
      return await fetchImage(deps, from, options, progress)
    } catch (error) {
      if (!isEngineError(error)) throw error
      throw new EngineError(error.kind, `invalid from flag value ${from}: ${error.message}`, { cause: error })
    }
  }
  return { ...solving, escape: plan.escape, platform, send, imageOf } satisfies StageDeps
}

function stageCalled(finished: readonly Finished[], name: string): Finished | undefined {
  const named = finished.findLast(stage => stage.name === name.toLowerCase())
  return named ?? (/^\d+$/.test(name) ? finished[Number(name)] : undefined)
}

async function startStage(
  shared: StageDeps,
  from: string,
  finished: readonly Finished[],
  send: OnProgress,
): Promise<StageState> {
  if (from === '') throw new EngineError('invalid', `base name (${from}) should not be blank`)
  const earlier = finished.findLast(stage => stage.name === from.toLowerCase())
  if (earlier) return begin(shared, earlier.state.image, earlier.state.chainId, earlier.state.config)
  if (from === 'scratch') return begin(shared, undefined, undefined, {})
  const image = await fetchImage(shared.deps, from, shared.options, send)
  shared.pin(image.id)
  return begin(shared, image.id, image.chainId, image.config.config ?? {})
}

function begin(
  { send }: StageDeps,
  image: Digest | undefined,
  chainId: Digest | undefined,
  given: ExecutionConfig,
): StageState {
  const config = envOf(given).has('PATH') ? given : { ...given, Env: [...(given.Env ?? []), defaultPath] }
  send(` ---> ${image ? shortId(image) : ''}\n`)
  return { image, chainId, config, author: undefined, hasCmd: false, isFresh: false }
}

async function runStage(
  shared: StageDeps,
  args: BuildArgs,
  start: StageState,
  stage: Stage,
  announce: (instruction: Instruction) => void,
): Promise<StageState> {
  let state = await runTriggers(shared, args, start)
  for (const instruction of stage.instructions) {
    shared.options.signal?.throwIfAborted()
    announce(instruction)
    state = await advance(shared, args, state, instruction)
  }
  return state
}

/** What the base image left for those who build on it. */
async function runTriggers(shared: StageDeps, args: BuildArgs, start: StageState): Promise<StageState> {
  const triggers = start.config.OnBuild ?? []
  if (triggers.length === 0) return start
  shared.send(`# Executing ${triggers.length} build trigger${triggers.length > 1 ? 's' : ''}\n`)
  let state: StageState = { ...start, config: { ...start.config, OnBuild: null } }
  for (const text of triggers) state = await advance(shared, args, state, parseLine({ line: 0, text, heredocs: [] }))
  return state
}

/** Arguments that every Dockerfile may ask for. */
function platformArgs({ platform, target }: BuildOptions): Readonly<Record<string, string>> {
  const host = hostPlatform()
  const wanted = platform ? parsePlatform(platform, host) : host
  const named = (prefix: string, { os, architecture, variant }: typeof host) => ({
    [`${prefix}PLATFORM`]: [os, architecture, variant].filter(Boolean).join('/'),
    [`${prefix}OS`]: os,
    [`${prefix}ARCH`]: architecture,
    [`${prefix}VARIANT`]: variant ?? '',
  })
  return { ...named('BUILD', host), ...named('TARGET', wanted), TARGETSTAGE: target ?? 'default' }
}
