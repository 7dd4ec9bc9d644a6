import { EngineError, messageOf } from '../base/errors.ts'
import { parseSignal } from '../base/signals.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { isAlive } from './record.ts'
import { startLocked } from './start.ts'
import { settleRestarting, stopLocked } from './stop.ts'

interface RestartOptions {
  readonly timeoutSeconds?: number | undefined
  readonly signalName?: string | undefined
}

/**
 * Ends it if it runs, and starts it.
 *
 * @throws EngineError `internal` (sic) with Docker's text, whatever was the reason
 */
export async function restartContainer(deps: ContainerDeps, key: string, options: RestartOptions): Promise<void> {
  const { id } = deps.store.find(key)
  using _lock = await deps.locks.acquire(id)
  try {
    await restartLocked(deps, id, options)
  } catch (cause) {
    throw new EngineError('internal', `Cannot restart container ${key}: ${messageOf(cause)}`, { cause })
  }
}

async function restartLocked(deps: ContainerDeps, id: string, options: RestartOptions): Promise<void> {
  const record = deps.store.find(id)
  if (isAlive(record)) {
    const signal = options.signalName ? parseSignal(options.signalName) : undefined
    const kept = { ...record, hostConfig: { ...record.hostConfig, AutoRemove: false } }
    deps.store.putState(kept)
    await stopLocked(deps, kept, { timeoutSeconds: options.timeoutSeconds, ...(signal !== undefined && { signal }) })
    emitFor(deps, record, 'stop')
  }
  if (record.state.status === 'restarting') {
    settleRestarting(deps, record)
    emitFor(deps, record, 'stop')
  }
  const stopped = deps.store.find(id)
  await startLocked(deps, { ...stopped, hostConfig: record.hostConfig, manuallyStopped: false })
  emitFor(deps, deps.store.find(id), 'restart')
}
