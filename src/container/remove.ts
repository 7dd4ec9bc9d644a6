import { EngineError } from '../base/errors.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { announceLinks } from './links.ts'
import { type ContainerRecord, isAlive, isRunning } from './record.ts'
import { removeContainerDir } from './rootfs.ts'
import { stopLocked } from './stop.ts'

/** Removes what is left of a container that does not run: record first, so that nobody finds half of it. */
export async function finishRemoval(
  deps: ContainerDeps,
  record: ContainerRecord,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  deps.lifecycle.cancel(record.id)
  deps.store.delete(record)
  announceLinks(deps, record, false)
  removeContainerDir(deps, record.id)
  await deps.runtime.forget(record.id)
  if (volumes) await removeAnonymousVolumes(deps, record)
  emitFor(deps, record, 'destroy')
  deps.lifecycle.removed(record.id, { exitCode: record.state.exitCode })
}

async function removeAnonymousVolumes(deps: ContainerDeps, record: ContainerRecord): Promise<void> {
  const isUsed = (name: string) => deps.store.all().some(({ mounts }) => mounts.some(mount => mount.Name === name))
  for (const { Name, anonymous } of record.mounts) {
    if (anonymous && Name && !isUsed(Name))
      await deps.volumes.remove(Name, true).catch(error => deps.log.warn('volume not removed', { name: Name, error }))
  }
}

/** @throws EngineError `conflict` with Docker's text when it runs and `force` is not given */
export async function removeContainer(
  deps: ContainerDeps,
  key: string,
  { force, volumes }: { readonly force: boolean; readonly volumes: boolean },
): Promise<void> {
  const { id, state } = deps.store.find(key)
  if (state.status === 'removing')
    throw new EngineError('conflict', `removal of container ${key} is already in progress`)
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.get(id)
  if (!record) return
  if (isRunning(record) && !force) {
    const { status } = record.state
    const what =
      status === 'paused'
        ? 'container is paused and must be unpaused first'
        : `container is ${status}: stop the container before removing or force remove`
    throw new EngineError('conflict', `cannot remove container "${key}": ${what}`)
  }
  deps.lifecycle.cancel(id)
  if (isAlive(record)) await stopLocked(deps, record, { signal: 9, timeoutSeconds: 10, isRemoval: true })
  const stopped = deps.store.get(id)
  if (stopped) await finishRemoval(deps, stopped, { volumes })
}
