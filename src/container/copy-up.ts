import { execFile } from 'node:child_process'
import { closeSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hasCode } from '../base/errors.ts'
import { holdTree, openInRoot } from '../kernel/root.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerDeps } from './deps.ts'

const run = promisify(execFile)

/** Fills an empty volume with what the image has at `destination`: content, owners, modes, times, attributes. */
export async function copyUp(
  deps: ContainerDeps,
  { id, chainId }: { readonly id: string; readonly chainId: Digest | undefined },
  volume: string,
  destination: string,
): Promise<void> {
  const target = await deps.volumes.mount(volume, id)
  const place = mkdtempSync(join(deps.settings.execRoot, 'root-'))
  const root = holdTree([deps.snapshots.mount(chainId)], place)
  try {
    if (readdirSync(target).length > 0) return
    const source = openInRoot(root, destination)
    try {
      await run('cp', ['-a', '--reflink=auto', `/proc/${process.pid}/fd/${source}/.`, target])
    } finally {
      closeSync(source)
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error // the image has nothing there
  } finally {
    closeSync(root)
    rmdirSync(place)
    await deps.volumes.unmount(volume, id)
  }
}
