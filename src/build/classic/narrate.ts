import { randomBytes } from 'node:crypto'
import { EngineError } from '../../base/errors.ts'
import { type Digest, shortId } from '../../spec/digest.ts'
import type { Instruction } from '../dockerfile/instruction.ts'
import { declareGlobal } from '../graph/planner.ts'
import type { PlannedStage, PlannedStep } from '../graph/stages.ts'
import { stepCount } from './select.ts'
import { type ClassicBuild, ClassicStages } from './stages.ts'
import { firstImage, nextConfig, type StepImage, storeStep } from './step-image.ts'

/** What was built: its image, and the one that its last stage began with. */
export interface Narrated {
  readonly image: Digest
  readonly from: Digest | undefined
}

/** Builds, and tells of it step by step in the order of the file; every step leaves an image. */
export async function narrate(build: ClassicBuild): Promise<Narrated> {
  const { file, args, send } = build
  const text = (stream: string) => send({ stream })
  const total = stepCount(file)
  let count = 0
  const announce = ({ original }: Instruction) => text(`Step ${++count}/${total} : ${original}\n`)
  for (const instruction of file.globalArgs) {
    announce(instruction)
    declareGlobal(file, instruction, args)
  }
  const stages = new ClassicStages(build)
  stages.start()
  const finished: StepImage[] = []
  let from: Digest | undefined
  try {
    for (const [index, stage] of file.stages.entries()) {
      announce(stage.from)
      const planned = await stages.planned(index, send)
      const start = firstImage(planned, finished)
      const image = await tellStage(build, stages, planned, start, announce)
      from = start.id
      finished.push(image)
      if (image.id) send({ aux: { ID: image.id } })
    }
  } catch (error) {
    build.stop()
    throw error
  } finally {
    await stages.stopped()
  }
  const unused = args.unused()
  if (unused.length > 0) text(`[Warning] One or more build-args [${unused.join(' ')}] were not consumed\n`)
  const image = finished.at(-1)?.id
  if (!image) throw new EngineError('internal', 'No image was generated. Is your Dockerfile empty?')
  return { image, from }
}

async function tellStage(
  build: ClassicBuild,
  stages: ClassicStages,
  planned: PlannedStage,
  start: StepImage,
  announce: (instruction: Instruction) => void,
): Promise<StepImage> {
  const { send, signal, options } = build
  const { triggers, all, failure } = planned
  send({ stream: ` ---> ${start.id ? shortId(start.id) : ''}\n` })
  if (triggers > 0) send({ stream: `# Executing ${triggers} build trigger${triggers > 1 ? 's' : ''}\n` })
  const own = new Set(planned.stage.instructions)
  let image = start
  let isFresh = options.noCache === true
  for (const each of all) {
    signal.throwIfAborted()
    if (own.has(each.instruction)) announce(each.instruction)
    const next = await tellStep(build, stages, planned, image, each, isFresh)
    isFresh ||= !next.isCached
    image = next
    send({ stream: ` ---> ${shortId(image.id!)}\n` })
  }
  if (!failure) return image
  if (own.has(failure.instruction)) announce(failure.instruction)
  throw failure.error
}

async function tellStep(
  build: ClassicBuild,
  stages: ClassicStages,
  planned: PlannedStage,
  before: StepImage,
  { step, file }: PlannedStep,
  isFresh: boolean,
): Promise<StepImage & { readonly isCached: boolean }> {
  const { send, options } = build
  const { config, author } = step
  if (file) {
    const log = stages.logOf(file)
    log.turn.begin(send)
    const { stack, createdBy, isCached } = await log.result
    const change = { config, author, createdBy, diffIds: stack.diffIds }
    return { ...(await storeStep(build, before, nextConfig(planned, before, change, options))), isCached }
  }
  const change = { config, author, createdBy: step.createdBy, diffIds: before.diffIds }
  const stored = await storeStep(build, before, nextConfig(planned, before, change, options))
  const isCached = stored.isKnown && !isFresh
  if (isCached) send({ stream: ' ---> Using cache\n' })
  else sayContainer(send, options.remove !== false)
  return { ...stored, isCached }
}

/** Docker has a container for what changes the configuration only. */
function sayContainer(send: ClassicBuild['send'], removes: boolean): void {
  const id = shortId(randomBytes(32).toString('hex'))
  send({ stream: ` ---> Running in ${id}\n` })
  if (removes) send({ stream: ` ---> Removed intermediate container ${id}\n` })
}
