import { EngineError } from '../base/errors.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { startHealthChecks } from './health.ts'
import { type ContainerRecord, isAlive, isRunning } from './record.ts'
import { parseSignal } from './signals.ts'
import { startLocked } from './start.ts'
import { sendSignal, settleRestarting, stopLocked, stopSignalOf } from './stop.ts'

const SIGKILL = 9

const notRunning = (record: ContainerRecord) => new EngineError('conflict', `container ${record.id} is not running`)

/** `docker kill`: KILL is waited for, every other signal only sent. */
export async function killContainer(deps: ContainerDeps, key: string, signalName = ''): Promise<void> {
  const signal = signalName ? parseSignal(signalName) : SIGKILL
  const record = deps.store.find(key)
  if (record.state.status === 'restarting') return settleRestarting(deps, record)
  if (!isAlive(record)) {
    throw new EngineError('conflict', `cannot kill container: ${key}: container ${record.id} is not running`)
  }
  const endsIt = signal === SIGKILL || signal === stopSignalOf(record) || !record.config.StopSignal
  if (endsIt) deps.store.putState({ ...record, manuallyStopped: true })
  const exit = deps.lifecycle.next('exit', record.id)
  await sendSignal(deps, record, signal)
  if (endsIt && record.state.status === 'paused') await deps.runtime.pause(record.id, false)
  if (signal === SIGKILL) await exit
}

/** Pauses (`paused`) or unpauses by the control group's freezer. */
export async function pauseContainer(deps: ContainerDeps, key: string, paused: boolean): Promise<void> {
  const { id } = deps.store.find(key)
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  const isPaused = record.state.status === 'paused'
  if (paused && isPaused) throw new EngineError('conflict', `Container ${key} is already paused`)
  if (!paused && !isPaused) throw new EngineError('internal', `Container ${record.id} is not paused`)
  if (!isAlive(record)) throw notRunning(record)
  await deps.runtime.pause(id, paused)
  const changed: ContainerRecord = { ...record, state: { ...record.state, status: paused ? 'paused' : 'running' } }
  deps.store.putState(changed)
  emitFor(deps, changed, paused ? 'pause' : 'unpause')
  if (paused) deps.lifecycle.cancel(id)
  else startHealthChecks(deps, changed)
}

export async function restartContainer(
  deps: ContainerDeps,
  key: string,
  options: { readonly timeoutSeconds?: number | undefined; readonly signalName?: string | undefined },
): Promise<void> {
  const { id } = deps.store.find(key)
  const signal = options.signalName ? parseSignal(options.signalName) : undefined
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  if (isAlive(record)) {
    const kept = { ...record, hostConfig: { ...record.hostConfig, AutoRemove: false } }
    deps.store.putState(kept)
    await stopLocked(deps, kept, { timeoutSeconds: options.timeoutSeconds, ...(signal !== undefined && { signal }) })
    emitFor(deps, record, 'stop')
  }
  const stopped = deps.store.find(id)
  await startLocked(deps, { ...stopped, hostConfig: record.hostConfig, manuallyStopped: false })
  emitFor(deps, deps.store.find(id), 'restart')
}

export async function renameContainer(deps: ContainerDeps, key: string, name: string): Promise<void> {
  if (name === '') throw new EngineError('invalid', 'Neither old nor new names may be empty')
  const { id } = deps.store.find(key)
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  if (name.replace(/^\//, '') === record.name) {
    throw new EngineError('invalid', 'Renaming a container with the same name as its current name')
  }
  const renamed = { ...record, name: deps.store.checkName(name) }
  deps.store.put(renamed)
  emitFor(deps, renamed, 'rename', { oldName: `/${record.name}` })
}

export async function resizeContainer(
  deps: ContainerDeps,
  key: string,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<void> {
  const record = deps.store.find(key)
  if (!isRunning(record)) throw notRunning(record)
  await deps.runtime.resize(record.id, height, width)
  emitFor(deps, record, 'resize', { height: String(height), width: String(width) })
}
