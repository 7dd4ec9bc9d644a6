import { EngineError, messageOf } from '../base/errors.ts'
import { checkBindSource } from '../volume/bind-source.ts'
import { attachNetwork } from './attach-network.ts'
import { cgroupOf, memoryPlaceOf, programOf, writeBundle } from './bundle.ts'
import { checkpointsDir, criuDir, findCheckpointDir } from './checkpoint/directory.ts'
import type { ContainerDeps } from './deps.ts'
import { requestedEdits } from './devices.ts'
import { emitFor } from './events.ts'
import { startHealthChecks } from './health.ts'
import { withJoinedHostname } from './joined.ts'
import { refreshLinks } from './links.ts'
import { logSettingsOf } from './log-settings.ts'
import { mountVolumes, unmountVolumes } from './mounts.ts'
import { openOwnNamespaces } from './own-namespaces.ts'
import { pickRuntime } from './pick-runtime.ts'
import { type ContainerRecord, isRunning } from './record.ts'
import { finishRemoval } from './remove.ts'
import { logPaths, makeContainerDir, rootMount } from './rootfs.ts'

async function launch(
  deps: ContainerDeps,
  given: ContainerRecord,
  undo: AsyncDisposableStack,
  checkpoint: string,
): Promise<ContainerRecord> {
  const record = withJoinedHostname(deps, given)
  const edits = requestedEdits(record, deps.settings.cdiDirs)
  makeContainerDir(deps, record.id)
  undo.defer(() => deps.runtime.forget(record.id))
  undo.defer(() => unmountVolumes(deps, record))
  const sources = await mountVolumes(deps, record)
  undo.defer(() => deps.networks.detach(record.id))
  using own = await openOwnNamespaces(deps, record)
  const net = await attachNetwork(deps, record, own?.network)
  const bundle = writeBundle(deps, record, net, own, sources, [], edits)
  const { config, hostConfig } = record
  const memory = memoryPlaceOf(deps, record)
  const { pid, startedAt } = await deps.runtime.start({
    id: record.id,
    bundle,
    rootfs: [rootMount(deps, record)],
    places: memory ? [...sources.places, memory] : sources.places,
    runtime: pickRuntime(deps.settings, hostConfig.Runtime!),
    cgroup: cgroupOf(deps, record),
    stdio: { tty: config.Tty ?? false, stdin: config.OpenStdin ?? false, stdinOnce: config.StdinOnce ?? false },
    dns: net.sandbox?.dns && net.path ? { config: net.sandbox.dns, namespace: net.path } : undefined,
    log: logSettingsOf(record, logPaths(deps, record.id)),
    ...(checkpoint && { checkpoint: { imagePath: checkpoint, workPath: criuDir(deps, record) } }),
    program: programOf(record),
  })
  deps.networks.started(record.id, pid)
  const { health } = record.state
  return {
    ...record,
    state: {
      status: 'running',
      pid,
      exitCode: 0,
      error: '',
      oomKilled: false,
      startedAt,
      finishedAt: record.state.finishedAt,
      // what the probes of earlier runs said stays on the list
      ...(health && { health: { ...health, Status: 'starting', FailingStreak: 0 } }),
    },
    endpoints: net.sandbox?.endpoints ?? record.endpoints,
    ports: net.sandbox?.ports ?? {},
    hasStarted: true,
  }
}

const exitCodeOf = (message: string): number => {
  if (!message.startsWith('failed to create task')) return 128
  if (/executable file not found|no such file or directory/.test(message)) return 127
  if (/permission denied|is a directory/.test(message)) return 126
  return /Are you trying to mount/.test(message) ? 127 : 128
}

async function recordFailure(deps: ContainerDeps, record: ContainerRecord, error: unknown): Promise<void> {
  const message = messageOf(error)
  const isNetwork = message.startsWith('failed to set up container networking')
  const state = { ...record.state, pid: 0, error: message, exitCode: exitCodeOf(message) }
  const failed = {
    ...record,
    state:
      isNetwork || !record.hasStarted
        ? { ...state, status: 'created' as const }
        : { ...state, status: 'exited' as const },
  }
  deps.store.putState(failed)
  if (record.hostConfig.AutoRemove) await finishRemoval(deps, failed, { volumes: true })
}

/**
 * Starts it; the caller holds its lock.
 *
 * @param checkpoint directory of a checkpoint that it is to go on from
 */
export async function startLocked(deps: ContainerDeps, record: ContainerRecord, checkpoint = ''): Promise<void> {
  await using undo = new AsyncDisposableStack()
  let started: ContainerRecord
  try {
    started = await launch(deps, record, undo, checkpoint)
  } catch (error) {
    await undo.disposeAsync()
    await recordFailure(deps, record, error)
    throw error
  }
  deps.store.putState(started)
  deps.lifecycle.started(started.id)
  undo.move()
  emitFor(deps, started, 'start')
  await refreshLinks(deps, started)
  startHealthChecks(deps, started)
}

export interface StartOptions {
  /** name of a checkpoint to go on from */
  readonly checkpoint?: string | undefined
  readonly checkpointDir?: string | undefined
}

/** @throws EngineError `not-modified` when it runs, `conflict` when it is paused or going away */
export async function startContainer(
  deps: ContainerDeps,
  id: string,
  { checkpoint = '', checkpointDir = '' }: StartOptions = {},
): Promise<void> {
  const { id: fullId } = deps.store.find(id)
  using _lock = await deps.locks.acquire(fullId)
  const record = deps.store.find(fullId)
  const { status } = record.state
  if (status === 'paused') throw new EngineError('conflict', 'cannot start a paused container, try unpause instead')
  if (isRunning(record)) throw new EngineError('not-modified', `Container ${id} is already running`)
  if (status === 'removing' || status === 'dead') {
    throw new EngineError('conflict', 'container is marked for removal and cannot be started')
  }
  for (const mount of record.mounts) checkBindSource(mount) // what is missing leaves no trace in the state
  deps.lifecycle.cancel(fullId)
  if (checkpoint !== '' && checkpointDir !== '')
    throw new EngineError('forbidden', 'custom checkpointdir is not supported')
  const from = checkpoint && findCheckpointDir(checkpointsDir(deps, record), checkpoint, `/${record.name}`)
  await startLocked(deps, { ...record, manuallyStopped: false, restartCount: 0 }, from)
}
