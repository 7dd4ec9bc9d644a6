import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { EngineError, messageOf } from '../../base/errors.ts'
import type { CheckpointOptions, CheckpointSummary } from '../../spec/engine-api/engine.ts'
import type { ContainerDeps } from '../deps.ts'
import { emitFor } from '../events.ts'
import { isAlive, notRunning } from '../record.ts'
import { checkCheckpointName, checkpointsDir, criuDir, findCheckpointDir, makeCheckpointDir } from './directory.ts'

/**
 * Saves the memory and the descriptors of a running container; unless it is to run on, it has ended when this returns.
 * Nothing is left of a checkpoint that could not be made.
 */
export async function createCheckpoint(
  deps: ContainerDeps,
  key: string,
  { name, directory, exit }: CheckpointOptions,
): Promise<void> {
  const { id } = deps.store.find(key)
  const ended = exit && deps.lifecycle.next('exit', id)
  {
    using _lock = await deps.locks.acquire(id)
    const record = deps.store.find(id)
    if (!isAlive(record)) throw notRunning(record)
    checkCheckpointName(name)
    const path = prepare(() => makeCheckpointDir(checkpointsDir(deps, record, directory), name, key), key)
    try {
      await deps.runtime.checkpoint({ id, imagePath: path, workPath: criuDir(deps, record), leaveRunning: !exit })
    } catch (cause) {
      await rm(path, { recursive: true, force: true })
      throw new EngineError('internal', `Cannot checkpoint container ${key}: ${messageOf(cause)}`, { cause })
    }
    emitFor(deps, record, 'checkpoint')
  }
  await ended
}

function prepare(make: () => string, key: string): string {
  try {
    return make()
  } catch (cause) {
    throw new EngineError('internal', `cannot checkpoint container ${key}: ${messageOf(cause)}`, { cause })
  }
}

export async function listCheckpoints(
  deps: ContainerDeps,
  key: string,
  directory?: string,
): Promise<readonly CheckpointSummary[]> {
  const dir = findCheckpointDir(checkpointsDir(deps, deps.store.find(key), directory), '', key)
  return readdirSync(dir, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => ({ Name: name }))
}

export async function removeCheckpoint(
  deps: ContainerDeps,
  key: string,
  name: string,
  directory?: string,
): Promise<void> {
  const record = deps.store.find(key)
  const path = findCheckpointDir(checkpointsDir(deps, record, directory), name, key)
  await rm(path, { recursive: true, force: true })
}
