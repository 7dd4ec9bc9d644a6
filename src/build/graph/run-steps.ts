import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, messageOf } from '../../base/errors.ts'
import type { KeyedMutex } from '../../base/keyed-mutex.ts'
import { chainIdOf, type Digest } from '../../spec/digest.ts'
import type { BuildDeps } from '../deps.ts'
import type { Settled } from '../ops/op.ts'
import type { ImportedLayer } from './cache/import-cache.ts'
import { type Layer, LayerCache } from './layer-cache.ts'
import { stackOn } from './linked-layer.ts'
import type { GraphOptions } from './options.ts'
import { type FileStep, isStage, type PlannedStage } from './stages.ts'

/** An archive of nothing. */
export const emptyLayer: Digest = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef'

/** Layers on top of each other. */
export interface Stack {
  readonly chainId: Digest | undefined
  readonly diffIds: readonly Digest[]
}

/** The layer of one step. */
export interface StepLayer extends Layer {
  readonly chainId: Digest
  readonly parent: Digest | undefined
}

export interface Running {
  readonly deps: BuildDeps
  readonly cache: LayerCache
  readonly imported: ReadonlyMap<string, ImportedLayer>
  /** what the build used or made, for those who want to keep it */
  readonly made: Map<string, StepLayer>
  /** one maker at a time of the same layer, over all builds */
  readonly locks: KeyedMutex
  readonly options: Pick<GraphOptions, 'freshStages' | 'sourceDateEpoch'>
  /** what a step gave elsewhere, for those who do not know it by its key */
  readonly alike?: (step: FileStep, createdBy: string, below: Stack) => Digest | undefined
  /** a step that leaves nothing adds no layer */
  readonly omitsEmpty?: boolean
  readonly signal: AbortSignal
  /** keeps a layer until the build is over */
  readonly pin: (chain: Digest) => void
  readonly fail: (error: unknown, step: FileStep) => unknown
}

/** Makes the files of stages, each stage once, each step as soon as what it needs is there. */
export class StageRunner {
  readonly #running: Running
  readonly #results = new Map<PlannedStage, Promise<Stack>>()

  constructor(running: Running) {
    this.#running = running
  }

  /** The files at the end of a stage. */
  result(stage: PlannedStage): Promise<Stack> {
    const known = this.#results.get(stage)
    if (known) return known
    const started = this.#run(stage)
    this.#results.set(stage, started)
    started.catch(() => {})
    return started
  }

  async #run(stage: PlannedStage): Promise<Stack> {
    const { base, steps } = stage
    let stack: Stack = isStage(base)
      ? await this.result(base)
      : { chainId: base?.chainId, diffIds: base?.config.rootfs.diff_ids ?? [] }
    for (const step of steps) stack = await this.#step(step, stack)
    if (stage.failure) throw stage.failure.error
    return stack
  }

  async #step(step: FileStep, below: Stack): Promise<Stack> {
    const { signal, fail, pin, omitsEmpty } = this.#running
    const { progress } = step
    try {
      signal.throwIfAborted()
      const settled = { ...step.step, ...(await step.step.settle?.()) }
      const layer = await this.#layer(step, settled, below)
      const isOmitted = omitsEmpty === true && layer.diffId === emptyLayer
      if (!isOmitted) pin(layer.chainId)
      const stack = isOmitted ? below : { chainId: layer.chainId, diffIds: [...below.diffIds, layer.diffId] }
      progress?.made?.(stack, settled.createdBy, isOmitted ? undefined : layer.diffId)
      return stack
    } catch (error) {
      progress?.fail(signal.aborted ? new EngineError('cancelled', 'context canceled') : error)
      throw fail(error, step)
    }
  }

  /** A linked step depends on nothing below it: its layer is made on nothing, and put on top then. */
  async #layer(step: FileStep, settled: Settled, stack: Stack) {
    const below = stack.chainId
    const { cache, locks, signal, options, made } = this.#running
    const { isLinked } = step.step
    const chainId = isLinked ? undefined : below
    const place = async (layer: Layer & { readonly chainId: Digest }): Promise<StepLayer> => {
      const top = isLinked ? await stackOn(this.#running, layer.chainId, below, timeOf(step, options)) : layer.chainId
      const placed = { chainId: top, diffId: layer.diffId, parent: below }
      made.set(key, placed)
      return placed
    }
    const key = LayerCache.keyOf(chainId, [settled.createdBy, ...(settled.inputs ?? []), `${timeOf(step, options)}`])
    using _lock = await locks.acquire(key, signal)
    const known = isFresh(step, options) ? undefined : cache.find(key)
    const found =
      known ?? (isFresh(step, options) ? undefined : await this.#imported(key, step, chainId, settled, stack))
    if (found) {
      const placed = await place(found)
      step.progress?.cached()
      return placed
    }
    const id = randomBytes(32).toString('hex')
    step.progress?.start(id)
    const layer = await this.#make(step, settled, chainId, id)
    cache.keep(key, layer, chainId, step.progress?.name ?? step.title)
    const placed = await place(layer)
    step.progress?.complete()
    return placed
  }

  /** What others made: kept from now on, since it is of use. One that cannot be had is made here. */
  async #imported(
    key: string,
    step: FileStep,
    parent: Digest | undefined,
    { createdBy }: Settled,
    below: Stack,
  ): Promise<(Layer & { readonly chainId: Digest }) | undefined> {
    const { imported, alike, omitsEmpty, deps, cache, signal } = this.#running
    const similar = alike?.(step, createdBy, below)
    const known = imported.get(key) ?? (similar && { diffId: similar, fetch: undefined })
    if (!known) return undefined
    const { diffId, fetch } = known
    const chainId = chainIdOf(parent ? [parent, diffId] : [diffId])
    if (omitsEmpty && diffId === emptyLayer) return { chainId, diffId }
    if (!deps.snapshots.has(chainId)) {
      if (!fetch) return undefined
      try {
        const stored = await deps.images.storeLayer(parent, { tar: await fetch(), keep: false }, { signal })
        if (stored.chainId !== chainId) return undefined
      } catch (error) {
        signal.throwIfAborted()
        deps.log.warn('cached layer not fetched', { diffId, error: messageOf(error) })
        return undefined
      }
    }
    const layer = { chainId, diffId }
    cache.keep(key, layer, parent, step.progress?.name ?? step.title)
    return layer
  }

  async #make(step: FileStep, settled: Settled, chainId: Digest | undefined, id: string) {
    const { deps, signal, options } = this.#running
    const place = mkdtempSync(join(deps.dir, 'step-'))
    try {
      const [upper, work] = [join(place, 'diff'), join(place, 'work')]
      mkdirSync(upper, { mode: 0o755 })
      mkdirSync(work, { mode: 0o700 })
      await settled.fill?.({ chainId, upper, work, id })
      signal.throwIfAborted()
      const fromContext = step.step.reads?.some(({ from }) => from === undefined) ?? false
      const times = { seconds: timeOf(step, options), all: fromContext }
      return await deps.images.storeLayer(chainId, { adopt: upper, times })
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  }
}

const isFresh = ({ stage }: FileStep, { freshStages }: Running['options']): boolean =>
  freshStages?.length === 0 || (freshStages?.some(name => name.toLowerCase() === stage.stage.name) ?? false)

/**
 * Seconds since 1970 that the layers of a stage get: SOURCE_DATE_EPOCH, else when the base image was made.
 * A linked step knows no base image.
 */
export function timeOf(
  { stage, step }: { readonly stage: Pick<PlannedStage, 'base'>; readonly step?: FileStep['step'] },
  { sourceDateEpoch }: Pick<GraphOptions, 'sourceDateEpoch'>,
): number {
  if (sourceDateEpoch !== undefined) return sourceDateEpoch
  if (step?.isLinked) return 0
  let { base } = stage
  while (isStage(base)) base = base.base
  const millis = Date.parse(base?.config.created ?? '')
  return Number.isNaN(millis) || millis < 0 ? 0 : Math.floor(millis / 1000)
}
