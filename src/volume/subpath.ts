import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, hasCode, messageOf } from '../base/errors.ts'
import { openBeneath } from '../kernel/mount.ts'

/**
 * Whether there is something at `subpath` in a volume, and no link leads out. Whoever mounts it must look again.
 *
 * @throws EngineError with Docker's text when it is missing or leads out of the volume
 */
export function checkSubpath(volumeDir: string, subpath: string): void {
  const root = openSync(volumeDir, 'r')
  try {
    closeSync(openBeneath(root, subpath))
  } catch (cause) {
    if (hasCode(cause, 'EXDEV') || hasCode(cause, 'ELOOP')) {
      const what = `base: ${volumeDir}, subpath: ${subpath}`
      throw new EngineError('internal', `path concatenation escapes the base directory, ${what}`, { cause })
    }
    const path = join(volumeDir, subpath)
    const why = hasCode(cause, 'ENOENT') ? `lstat ${path}: no such file or directory` : messageOf(cause)
    throw new EngineError('internal', `cannot access path ${path}: ${why}`, { cause })
  } finally {
    closeSync(root)
  }
}
