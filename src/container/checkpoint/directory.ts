import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { ContainerDeps } from '../deps.ts'
import type { ContainerRecord } from '../record.ts'
import { containerDir } from '../rootfs.ts'

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/

/** Docker's own says 500, so do we. */
const failed = (text: string) => new EngineError('internal', text)

/** @throws EngineError with Docker's text */
export function checkCheckpointName(name: string): void {
  if (!namePattern.test(name))
    throw failed(`Invalid checkpoint ID (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
}

/** Where the container's checkpoints are, unless the user says where. */
export function checkpointsDir(deps: Pick<ContainerDeps, 'settings'>, { id }: ContainerRecord, own = ''): string {
  if (own !== '') return own
  const dir = join(containerDir(deps, id), 'checkpoints')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return dir
}

/** Where CRIU's logs are, for whoever asks why it failed. */
export function criuDir(deps: Pick<ContainerDeps, 'settings'>, { id }: ContainerRecord): string {
  const dir = join(containerDir(deps, id), 'criu')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  return dir
}

const kindOf = (path: string): 'nothing' | 'directory' | 'other' => {
  const stat = statSync(path, { throwIfNoEntry: false })
  return !stat ? 'nothing' : stat.isDirectory() ? 'directory' : 'other'
}

/** An empty directory for a new checkpoint. */
export function makeCheckpointDir(parent: string, name: string, key: string): string {
  const path = join(parent, name)
  const kind = kindOf(path)
  if (kind === 'directory') throw failed(`checkpoint with name ${name} already exists for container ${key}`)
  if (kind === 'other') throw failed(`${path} exists and is not a directory`)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}

/** The directory of a checkpoint that is there, or of all of them with an empty name. */
export function findCheckpointDir(parent: string, name: string, key: string): string {
  if (name !== '') checkCheckpointName(name) // it comes from an address, and must not lead elsewhere
  const path = join(parent, name)
  const kind = kindOf(path)
  if (kind === 'nothing') throw failed(`checkpoint ${name} does not exist for container ${key}`)
  if (kind === 'other') throw failed(`${path} exists and is not a directory`)
  return path
}
