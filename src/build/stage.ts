import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, shortId } from '../spec/digest.ts'
import type { BuildOptions } from '../spec/engine-api/build-verbs.ts'
import type { ExecutionConfig, Platform } from '../spec/oci-image.ts'
import type { BuildArgs } from './build-args.ts'
import type { StepCache } from './cache.ts'
import type { CacheImages } from './cache-from.ts'
import type { BuildContext } from './context.ts'
import type { BuildDeps } from './deps.ts'
import { expand } from './dockerfile/expand.ts'
import type { Instruction, InstructionName } from './dockerfile/instruction.ts'
import { envOf, type StageView, type Step } from './ops/op.ts'
import { ops } from './ops/table.ts'

/** What all stages of one build share. */
export interface StageDeps {
  readonly deps: BuildDeps
  readonly options: BuildOptions
  readonly context: BuildContext
  readonly cache: StepCache
  /** what `--cache-from` names */
  readonly others: CacheImages
  readonly escape: '\\' | '`'
  readonly platform: Platform
  readonly send: (text: string) => void
  readonly imageOf: StageView['imageOf']
  /** keeps an image until the build is over */
  readonly pin: (image: Digest) => void
}

/** The image so far: where FROM starts, or one step further. */
export interface StageState {
  readonly image: Digest | undefined
  readonly chainId: Digest | undefined
  readonly config: ExecutionConfig
  readonly author: string | undefined
  readonly hasCmd: boolean
  /** a step was made anew: nothing after it can be found */
  readonly isFresh: boolean
}

/** Does one instruction, or finds what it gave earlier. */
export async function advance(
  shared: StageDeps,
  args: BuildArgs,
  state: StageState,
  instruction: Instruction,
): Promise<StageState> {
  const { cache, others, options, deps, platform, send } = shared
  const name = instruction.name as Exclude<InstructionName, 'FROM'>
  const planned = ops[name](instruction, viewOf(shared, args, state))
  const step = { ...planned, ...(await planned.settle?.()) }
  const isFresh = state.isFresh || options.noCache === true
  const found = isFresh
    ? undefined
    : (cache.find(state.image, step, platform) ?? (await others.find(state.image, step)))
  if (found) send(' ---> Using cache\n')
  const image = found ?? (await perform(shared, state, step))
  shared.pin(image)
  if (!found) cache.keep(state.image, step, platform, image)
  const { config, chainId } = deps.images.resolve(image)
  send(` ---> ${shortId(image)}\n`)
  return {
    image,
    chainId,
    config: config.config ?? {},
    author: step.author ?? state.author,
    hasCmd: state.hasCmd || name === 'CMD',
    isFresh: isFresh || !found,
  }
}

function viewOf(shared: StageDeps, args: BuildArgs, state: StageState): StageView {
  const env = envOf(state.config)
  const lookUp = (name: string) => env.get(name) ?? args.get(name)
  return {
    ...shared,
    args,
    config: state.config,
    hasCmd: state.hasCmd,
    dialect: 'classic',
    output: (chunk, output) => shared.send(output === 'stderr' ? `\u001b[91m${chunk}\u001b[0m` : `${chunk}`),
    lookUp,
    expand: word => expand(word, { get: lookUp, escape: shared.escape }),
  }
}

async function perform(shared: StageDeps, state: StageState, step: Step): Promise<Digest> {
  const { deps, options, platform, send } = shared
  const id = randomBytes(32).toString('hex')
  if (step.inContainer) send(` ---> Running in ${shortId(id)}\n`)
  const place = mkdtempSync(join(deps.dir, 'step-'))
  try {
    const [upper, work] = [join(place, 'diff'), join(place, 'work')]
    mkdirSync(upper, { mode: 0o755 })
    mkdirSync(work, { mode: 0o700 })
    await step.fill?.({ chainId: state.chainId, upper, work, id })
    options.signal?.throwIfAborted()
    if (step.inContainer && options.remove !== false) send(` ---> Removed intermediate container ${shortId(id)}\n`)
    return await deps.images.commitImage({
      parent: state.image,
      layer: readdirSync(upper).length > 0 ? { adopt: upper } : undefined,
      config: step.config,
      platform,
      author: step.author ?? state.author,
      createdBy: step.createdBy,
      container: step.inContainer ? id : undefined,
    })
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
