import { EngineError } from '../base/errors.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { startHealthChecks } from './health.ts'
import { type ContainerRecord, isAlive, notRunning } from './record.ts'

/** Pauses (`paused`) or unpauses by the control group's freezer. */
export async function pauseContainer(deps: ContainerDeps, key: string, paused: boolean): Promise<void> {
  const { id } = deps.store.find(key)
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  const isPaused = record.state.status === 'paused'
  if (paused && isPaused) throw new EngineError('conflict', `Container ${id} is already paused`)
  if (paused && record.state.status === 'restarting')
    throw new EngineError('conflict', `Container ${record.id} is restarting, wait until the container is running`)
  if (!paused && !isPaused) throw new EngineError('internal', `Container ${record.id} is not paused`)
  if (!isAlive(record)) throw notRunning(record)
  await deps.runtime.pause(id, paused)
  const { health } = record.state
  const changed: ContainerRecord = {
    ...record,
    state: {
      ...record.state,
      status: paused ? 'paused' : 'running',
      // nobody looks any more: as in Docker, that counts as ill
      ...(health && paused && { health: { ...health, Status: 'unhealthy' } }),
    },
  }
  deps.store.putState(changed)
  emitFor(deps, changed, paused ? 'pause' : 'unpause')
  if (paused) deps.lifecycle.cancel(id)
  else startHealthChecks(deps, changed)
}
