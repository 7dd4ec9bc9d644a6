import { EngineError } from '../../../base/errors.ts'
import { chainIdOf } from '../../../spec/digest.ts'
import type { Stack } from '../run-steps.ts'
import { emptyStack, type Making } from './layers.ts'

/** The layers of `stacks` on top of each other. */
export async function merge(making: Making, stacks: readonly Stack[]): Promise<Stack> {
  let [merged = emptyStack, ...rest] = stacks
  for (const stack of rest) merged = await onTop(making, merged, stack, 0)
  return merged
}

/**
 * What `upper` has more than `lower`, on nothing.
 *
 * @throws EngineError `not-implemented` when the one does not stand on the other
 */
export async function diff(making: Making, lower: Stack, upper: Stack): Promise<Stack> {
  const stands = lower.diffIds.every((diffId, i) => upper.diffIds[i] === diffId)
  if (!stands)
    throw new EngineError('not-implemented', 'diff of files that do not stand on each other is not supported')
  return onTop(making, emptyStack, upper, lower.diffIds.length)
}

/** Puts the layers of `stack` from number `from` on top of `below`. */
async function onTop({ request, signal }: Making, below: Stack, stack: Stack, from: number): Promise<Stack> {
  const { deps, keep } = request
  if (!stack.chainId) return below
  const directories = [...deps.snapshots.layers(stack.chainId)].reverse()
  let { chainId, diffIds } = below
  for (const [i, directory] of directories.entries()) {
    if (i < from) continue
    const known = stack.diffIds[i]!
    const wanted = chainIdOf(chainId ? [chainId, known] : [known])
    const stored = deps.snapshots.has(wanted)
      ? { chainId: wanted, diffId: known }
      : await deps.images.storeLayer(chainId, { tar: deps.snapshots.diff(directory), keep: false }, { signal })
    keep.use(deps.images.pin([stored.chainId]))
    chainId = stored.chainId
    diffIds = [...diffIds, stored.diffId]
  }
  return { chainId, diffIds }
}
