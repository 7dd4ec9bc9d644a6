import { closeSync, constants, mkdtempSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, hasCode } from '../base/errors.ts'
import { holdTree, openInRoot } from '../kernel/root.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerDeps } from './deps.ts'
import { mountPlace } from './rootfs.ts'

/**
 * A working directory that the image has as something else is told at once; a missing one is made at the start.
 *
 * @throws EngineError with Docker's text
 */
export function checkWorkingDir(deps: ContainerDeps, chainId: Digest | undefined, dir: string | undefined): void {
  if (!chainId || !dir || dir === '/') return
  const place = mkdtempSync(join(deps.settings.execRoot, mountPlace))
  const root = holdTree([deps.snapshots.mount(chainId)], place)
  try {
    closeSync(openInRoot(root, dir, constants.O_DIRECTORY))
  } catch (cause) {
    if (hasCode(cause, 'ENOTDIR'))
      throw new EngineError('internal', `Cannot mkdir: ${dir} is not a directory`, { cause })
  } finally {
    closeSync(root)
    rmdirSync(place)
  }
}
