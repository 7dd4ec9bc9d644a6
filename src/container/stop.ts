import { setTimeout as delay } from 'node:timers/promises'
import { EngineError, isEngineError, messageOf } from '../base/errors.ts'
import { parseSignal, parseSignalName } from '../base/signals.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { type ContainerRecord, isAlive } from './record.ts'

const SIGKILL = 9
const defaultTimeoutSeconds = 10
const killTimeoutSeconds = 10

export interface StopOptions {
  readonly signal?: number
  readonly timeoutSeconds?: number | undefined
  /** the container is to be removed: nobody minds how it ends */
  readonly isRemoval?: boolean
}

export const stopSignalOf = ({ config }: ContainerRecord): number => parseSignalName(config.StopSignal || 'SIGTERM')

/** Sends a signal to a container that runs; one that has ended meanwhile is no error. */
export async function sendSignal(deps: ContainerDeps, record: ContainerRecord, signal: number): Promise<void> {
  emitFor(deps, record, 'kill', { signal: String(signal) })
  try {
    await deps.runtime.signal(record.id, signal)
  } catch (error) {
    if (!isEngineError(error, 'not-found')) throw error
  }
}

/** What is paused hears of a signal only when it runs on; of one that ends at once nobody is told that it ran. */
export async function thaw(deps: ContainerDeps, { id }: ContainerRecord, signal: number): Promise<void> {
  if (deps.store.get(id)?.state.status !== 'paused') return
  await deps.runtime.pause(id, false)
  const current = deps.store.get(id)
  if (current?.state.status !== 'paused' || signal === SIGKILL) return
  deps.store.putState({ ...current, state: { ...current.state, status: 'running' } })
  emitFor(deps, current, 'unpause')
}

async function waitFor(exit: Promise<unknown>, seconds: number): Promise<boolean> {
  if (seconds < 0) return exit.then(() => true)
  const timer = new AbortController()
  const timeout = delay(seconds * 1000, false, { signal: timer.signal }).catch(() => false)
  const hasEnded = await Promise.race([exit.then(() => true), timeout])
  timer.abort()
  return hasEnded
}

/** Ends the container, first by its signal, then by KILL; the caller holds its lock. Returns when the end is recorded. */
export async function stopLocked(
  deps: ContainerDeps,
  record: ContainerRecord,
  options: StopOptions = {},
): Promise<void> {
  const exit = deps.lifecycle.next('exit', record.id)
  const timeout = options.timeoutSeconds ?? record.config.StopTimeout ?? defaultTimeoutSeconds
  deps.store.putState({ ...record, manuallyStopped: true })
  const signal = options.signal ?? stopSignalOf(record)
  await sendSignal(deps, record, signal)
  await thaw(deps, record, signal)
  if (await waitFor(exit, timeout)) return
  await sendSignal(deps, record, SIGKILL)
  if (!(await waitFor(exit, killTimeoutSeconds))) {
    throw new EngineError('internal', `tried to kill container, but did not receive an exit event`)
  }
}

/** @throws EngineError `not-modified` when it does not run */
export async function stopContainer(
  deps: ContainerDeps,
  key: string,
  options: { readonly timeoutSeconds?: number | undefined; readonly signalName?: string | undefined },
): Promise<void> {
  const { id } = deps.store.find(key)
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  const isWaiting = record.state.status === 'restarting'
  if (!isWaiting && !isAlive(record)) throw new EngineError('not-modified', `Container ${key} is already stopped`)
  try {
    const signal = options.signalName ? parseSignal(options.signalName) : undefined
    const { timeoutSeconds } = options
    if (isWaiting) settleRestarting(deps, record)
    else await stopLocked(deps, record, { timeoutSeconds, ...(signal !== undefined && { signal }) })
  } catch (error) {
    throw new EngineError('internal', `cannot stop container: ${key}: ${messageOf(error)}`, { cause: error })
  }
  emitFor(deps, deps.store.get(id) ?? record, 'stop')
}

/** Nothing runs, it only waits for its next start: call that off. */
export function settleRestarting(deps: ContainerDeps, record: ContainerRecord): void {
  deps.lifecycle.cancel(record.id)
  deps.store.putState({ ...record, manuallyStopped: true, state: { ...record.state, status: 'exited' } })
  deps.lifecycle.exited(record.id, { exitCode: record.state.exitCode })
}
