import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
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

export interface LayerWish {
  readonly below: Stack
  /** what the layer depends on, beside what is below it */
  readonly inputs: readonly string[]
  readonly ignoreCache?: boolean
  readonly step: StepProgress
  readonly fill: (place: LayerPlace) => Promise<void>
}

/** Puts one layer on a stack: an earlier one that depended on the same, else a new one. */
export async function putLayer({ request, signal }: Making, wish: LayerWish): Promise<Stack> {
  const { deps, cache, locks, options, made, keep } = request
  const { below, inputs, step, fill } = wish
  const seconds = options.sourceDateEpoch ?? 0
  const key = LayerCache.keyOf(below.chainId, ['llb', ...inputs, `${seconds}`])
  using _lock = await locks.acquire(key, signal)
  const isFresh = wish.ignoreCache || options.freshStages !== undefined
  const found = isFresh ? undefined : cache.find(key)
  if (found) step.cached()
  else step.start()
  const { chainId, diffId } = found ?? (await make())
  if (!found) {
    cache.keep(key, { chainId, diffId }, below.chainId, step.name)
    step.complete()
  }
  keep.use(deps.images.pin([chainId]))
  made.set(key, { chainId, diffId, parent: below.chainId })
  return { chainId, diffIds: [...below.diffIds, diffId] }

  async function make() {
    const place = mkdtempSync(join(deps.dir, 'step-'))
    try {
      const [upper, work] = [join(place, 'diff'), join(place, 'work')]
      mkdirSync(upper, { mode: 0o755 })
      mkdirSync(work, { mode: 0o700 })
      await fill({ chainId: below.chainId, upper, work, id: randomBytes(32).toString('hex') })
      signal.throwIfAborted()
      return await deps.images.storeLayer(below.chainId, { adopt: upper, times: { seconds, all: false } })
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  }
}
