import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { copyChildren } from '../../snapshot/copy-tree.ts'
import { chainIdOf, type Digest } from '../../spec/digest.ts'
import type { Running } from './run-steps.ts'

type Needs = Pick<Running, 'deps' | 'locks' | 'signal' | 'pin'>

/**
 * Puts a layer that was made on nothing on top of `parent`, with the same digest; returns the new chainID.
 * Its files get second names: layers are never written to.
 */
export async function stackOn(needs: Needs, own: Digest, parent: Digest | undefined, seconds: number): Promise<Digest> {
  if (parent === undefined) return own
  const { deps, locks, signal, pin } = needs
  const diffId = deps.snapshots.diffIdOf(own)
  const chainId = chainIdOf([parent, diffId])
  using _lock = await locks.acquire(`link ${chainId}`, signal)
  if (deps.snapshots.has(chainId)) return chainId
  pin(own)
  const place = mkdtempSync(join(deps.dir, 'step-'))
  try {
    const upper = join(place, 'diff')
    mkdirSync(upper, { mode: 0o755 })
    await copyChildren(deps.snapshots.layers(own)[0]!, upper, { linkAt: seconds, signal })
    const stored = await deps.images.storeLayer(parent, { adopt: upper, times: { seconds, all: true } })
    return stored.chainId
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
