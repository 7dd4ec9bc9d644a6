import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../../spec/digest.ts'
import type { LayerPlace } from '../../ops/op.ts'
import type { Request } from '../job.ts'
import { LayerCache } from '../layer-cache.ts'
import type { StepProgress } from '../progress.ts'
import type { Stack } from '../run-steps.ts'

export const emptyStack: Stack = { chainId: undefined, diffIds: [] }

/** What all operations of one graph share. */
export interface Making {
  readonly request: Request
  readonly signal: AbortSignal
}

interface Wish {
  readonly ignoreCache?: boolean
  readonly step: StepProgress
}

export interface LayerWish extends Wish {
  readonly below: Stack
  /** what the layer depends on, beside what is below it */
  readonly inputs: readonly string[]
  readonly fill: (place: LayerPlace) => Promise<void>
}

export interface LayersWish extends Wish {
  /** the stacks that get a layer each */
  readonly below: readonly Stack[]
  readonly inputs: readonly string[]
  /** makes all of them at once */
  readonly fill: (places: readonly LayerPlace[]) => Promise<void>
}

/** Puts one layer on a stack: an earlier one that depended on the same, else a new one. */
export async function putLayer(making: Making, { below, fill, ...wish }: LayerWish): Promise<Stack> {
  const stacks = await putLayers(making, { ...wish, below: [below], fill: ([place]) => fill(place!) })
  return stacks[0]!
}

/** As putLayer(), on several stacks: all of them are earlier ones, or none. */
export async function putLayers(making: Making, wish: LayersWish): Promise<readonly Stack[]> {
  const { request, signal } = making
  const { deps, cache, locks, options, made, keep } = request
  const { below, inputs, step } = wish
  const seconds = options.sourceDateEpoch ?? 0
  const all = below.map(({ chainId }) => chainId ?? '')
  const keys = below.map(({ chainId }, i) =>
    LayerCache.keyOf(chainId, ['llb', ...inputs, ...(i > 0 ? [`${i} of ${all}`] : all.slice(1)), `${seconds}`]),
  )
  using _lock = await locks.acquire(keys[0]!, signal)
  const isFresh = wish.ignoreCache || options.freshStages !== undefined
  const found = isFresh ? [] : keys.flatMap(key => cache.find(key) ?? [])
  const isCached = found.length === keys.length
  if (isCached) step.cached()
  else step.start()
  const layers = isCached ? found : await make(making, wish, seconds)
  for (const [i, { chainId, diffId }] of layers.entries()) {
    const parent = below[i]!.chainId
    if (!isCached) cache.keep(keys[i]!, { chainId, diffId }, parent, step.name)
    keep.use(deps.images.pin([chainId]))
    made.set(keys[i]!, { chainId, diffId, parent })
  }
  if (!isCached) step.complete()
  return layers.map(({ chainId, diffId }, i) => ({ chainId, diffIds: [...below[i]!.diffIds, diffId] }))
}

async function make({ request, signal }: Making, { below, fill }: LayersWish, seconds: number) {
  const { deps } = request
  const places = below.map(({ chainId }) => ({ chainId, dir: mkdtempSync(join(deps.dir, 'step-')) }))
  try {
    const made = places.map(({ chainId, dir }): LayerPlace => {
      const [upper, work] = [join(dir, 'diff'), join(dir, 'work')]
      mkdirSync(upper, { mode: 0o755 })
      mkdirSync(work, { mode: 0o700 })
      return { chainId, upper, work, id: randomBytes(32).toString('hex') }
    })
    await fill(made)
    signal.throwIfAborted()
    const layers: { readonly chainId: Digest; readonly diffId: Digest }[] = []
    for (const { chainId, upper } of made)
      layers.push(await deps.images.storeLayer(chainId, { adopt: upper, times: { seconds, all: false } }))
    return layers
  } finally {
    for (const { dir } of places) rmSync(dir, { recursive: true, force: true })
  }
}
