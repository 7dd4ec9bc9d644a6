import { EngineError } from '../../base/errors.ts'
import { updateNames } from '../shapes.ts'
import { atLeast } from '../versions.ts'

/**
 * The fields of an update that there are, and that its version has.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function adaptUpdate(wish: Readonly<Record<string, unknown>>, version: string): Record<string, unknown> {
  const kernel = Number(wish.KernelMemory ?? 0)
  if (!atLeast(version, '1.42') && kernel > 0 && kernel < 6 << 20)
    throw new EngineError('invalid', 'Minimum kernel memory limit allowed is 6MB')
  const dropped = [
    ...(atLeast(version, '1.42') ? ['KernelMemory'] : []),
    ...(atLeast(version, '1.40') ? [] : ['PidsLimit']),
  ]
  const entries = Object.entries(wish).filter(([name]) => updateNames.includes(name) && !dropped.includes(name))
  return Object.fromEntries(entries)
}
