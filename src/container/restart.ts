import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { isAlive } from './record.ts'
import { parseSignal } from './signals.ts'
import { startLocked } from './start.ts'
import { settleRestarting, stopLocked } from './stop.ts'

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
  if (record.state.status === 'restarting') {
    settleRestarting(deps, record)
    emitFor(deps, record, 'stop')
  }
  const stopped = deps.store.find(id)
  await startLocked(deps, { ...stopped, hostConfig: record.hostConfig, manuallyStopped: false })
  emitFor(deps, deps.store.find(id), 'restart')
}
