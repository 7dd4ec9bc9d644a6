import { EngineError, isEngineError } from '../../base/errors.ts'
import { formatPlatform, hostPlatform, parsePlatform } from '../../image/platform.ts'
import type { ResolvedImage } from '../../image/resolved.ts'
import type { BuildOptions } from '../../spec/engine-api/build-verbs.ts'
import type { OnProgress } from '../../spec/engine-api/engine.ts'
import type { Platform } from '../../spec/oci-image.ts'
import { fetchImage } from '../base-image.ts'
import type { BuildArgs } from '../build-args.ts'
import type { BuildContext } from '../context.ts'
import type { Dockerfile } from '../dockerfile/instruction.ts'
import type { GraphDeps } from '../graph/job.ts'
import { type Running, StageRunner, timeOf } from '../graph/run-steps.ts'
import { type FileStep, type FileStepPlace, isStage, type PlannedStage, planStage } from '../graph/stages.ts'
import type { StageView } from '../ops/op.ts'
import { CacheImages, type Entry } from './cache-images.ts'
import { StepLog } from './step-log.ts'
import { Turn } from './turn.ts'

/** One build by the classic endpoint. */
export interface ClassicBuild {
  readonly graph: GraphDeps
  readonly options: BuildOptions & Pick<Running['options'], 'sourceDateEpoch'>
  readonly file: Dockerfile
  readonly context: BuildContext
  readonly args: BuildArgs
  readonly signal: AbortSignal
  readonly send: OnProgress
  /** ends what runs for it */
  readonly stop: () => void
  /** lives as long as the build */
  readonly keep: DisposableStack
}

/**
 * All stages of a build, planned and made at once by the solver; what they say waits for the turn that it would have if
 * they were made one after the other.
 */
export class ClassicStages {
  readonly #build: ClassicBuild
  readonly #turns: readonly Turn[]
  readonly #logs = new Map<FileStep, StepLog>()
  readonly #others: CacheImages
  readonly #images = new Map<string, Promise<ResolvedImage>>()
  readonly #runner: StageRunner
  readonly #plans: Promise<PlannedStage>[] = []

  constructor(build: ClassicBuild) {
    const { graph, options, signal, keep, file } = build
    this.#build = build
    this.#turns = file.stages.map(() => new Turn())
    this.#others = new CacheImages(graph.deps, options.cacheFrom ?? [])
    this.#runner = new StageRunner({
      ...graph,
      imported: new Map(),
      made: new Map(),
      options: { freshStages: options.noCache ? [] : undefined, sourceDateEpoch: options.sourceDateEpoch },
      alike: (step, createdBy, below) => this.#others.layerOf(createdBy, this.#historyBefore(step), below.diffIds),
      omitsEmpty: true,
      signal,
      pin: chain => void keep.use(graph.deps.images.pin([chain])),
      fail: error => error,
    })
  }

  /** Returns at once. */
  start(): void {
    for (const index of this.#build.file.stages.keys()) {
      const stage = this.#plan(index)
      this.#plans.push(stage)
      stage.then(planned => this.#runner.result(planned)).catch(() => {})
    }
  }

  /** The stage; what its image says while it is pulled goes to `send`. */
  planned(index: number, send: OnProgress): Promise<PlannedStage> {
    this.#turns[index]!.begin(send)
    return this.#plans[index]!
  }

  logOf(step: FileStep): StepLog {
    return this.#logs.get(step)!
  }

  /** Nothing of the build runs any more. */
  async stopped(): Promise<void> {
    const planned = await Promise.allSettled(this.#plans)
    const stages = planned.flatMap(each => (each.status === 'fulfilled' ? each.value : []))
    await Promise.allSettled(stages.map(stage => this.#runner.result(stage)))
  }

  async #plan(index: number): Promise<PlannedStage> {
    const { file, args, options } = this.#build
    const planned = await planStage(
      {
        dialect: 'classic',
        file,
        args,
        platform: options.platform ? parsePlatform(options.platform, hostPlatform()) : hostPlatform(),
        view: place => this.#view(place),
        image: (name, platform) => this.#image(name, platform, this.#turns[index]!.send),
        fail: error => error,
        warn: () => {},
      },
      index,
      async earlier => this.#plans[earlier]!,
    )
    for (const step of planned.steps) {
      const log = new StepLog(step, options.remove !== false)
      this.#logs.set(step, log)
      step.progress = log
    }
    return planned
  }

  #view(place: FileStepPlace): Omit<StageView, 'args' | 'config' | 'hasCmd' | 'lookUp' | 'expand'> {
    const { graph, options, context, signal } = this.#build
    const say = (text: string) => place.step && this.logOf(place.step).text(text)
    return {
      deps: graph.deps,
      options: { ...options, platform: formatPlatform(place.platform), signal },
      context,
      dialect: 'classic',
      layerTime: () => place.step && timeOf(place.step, options),
      send: say,
      output: (chunk, output) => place.step?.progress?.output(chunk, output),
      imageOf: from => this.#source(from, place),
    }
  }

  /** What `COPY --from` means. */
  async #source(from: string, { stageIndex, platform, step }: FileStepPlace) {
    const earlier = this.#build.file.stages.slice(0, stageIndex)
    const named = earlier.findLastIndex(({ name }) => name === from.toLowerCase())
    const index = named < 0 && /^\d+$/.test(from) ? Number(from) : named
    if (index >= stageIndex) throw new EngineError('invalid', `invalid from flag value ${from}: index out of bounds`)
    if (index >= 0) return this.#runner.result(await this.#plans[index]!)
    try {
      return await this.#image(from, platform, message => step && this.logOf(step).turn.send(message))
    } catch (error) {
      if (!isEngineError(error)) throw error
      throw new EngineError(error.kind, `invalid from flag value ${from}: ${error.message}`, { cause: error })
    }
  }

  /** Each image is looked up, or pulled, once. */
  #image(name: string, wanted: Platform, send: OnProgress): Promise<ResolvedImage> {
    const { graph, options, signal, keep } = this.#build
    const text = formatPlatform(wanted)
    const isOwn = options.platform === undefined && text === formatPlatform(hostPlatform())
    const key = `${name} ${text}`
    const known = this.#images.get(key)
    if (known) return known
    const started = fetchImage(graph.deps, name, { ...options, platform: isOwn ? undefined : text, signal }, send)
    const pinned = started.then(image => {
      keep.use(graph.deps.images.pin([image.id, ...(image.chainId ? [image.chainId] : [])]))
      return image
    })
    this.#images.set(key, pinned)
    pinned.catch(() => {})
    return pinned
  }

  /** The history of the image that a step stands on; all steps before it are made. */
  #historyBefore(step: FileStep): readonly Entry[] {
    const { base, all } = step.stage
    const below = isStage(base) ? this.#historyOf(base) : (base?.config.history ?? [])
    return [
      ...below,
      ...this.#entries(
        all.slice(
          0,
          all.findIndex(({ file }) => file === step),
        ),
      ),
    ]
  }

  #historyOf({ base, all }: PlannedStage): readonly Entry[] {
    const below = isStage(base) ? this.#historyOf(base) : (base?.config.history ?? [])
    return [...below, ...this.#entries(all)]
  }

  #entries(steps: PlannedStage['all']): readonly Entry[] {
    return steps.map(({ step, file }) => {
      const made = file && this.logOf(file).known!
      return { created_by: made?.createdBy ?? step.createdBy, empty_layer: made?.diffId === undefined }
    })
  }
}
