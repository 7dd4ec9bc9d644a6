import { EngineError } from '../base/errors.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { isAlive, isRunning, notRunning } from './record.ts'

export async function resizeContainer(
  deps: ContainerDeps,
  key: string,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<void> {
  const record = deps.store.find(key)
  if (!isRunning(record)) throw notRunning(record)
  if (!isAlive(record))
    throw new EngineError('not-found', `NotFound: container "${record.id}" in namespace "moby": not found`)
  await deps.runtime.resize(record.id, height, width)
  emitFor(deps, record, 'resize', { height: String(height), width: String(width) })
}
