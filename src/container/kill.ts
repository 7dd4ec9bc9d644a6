import { EngineError, isEngineError } from '../base/errors.ts'
import { parseSignal } from '../base/signals.ts'
import type { ContainerDeps } from './deps.ts'
import { isAlive } from './record.ts'
import { sendSignal, settleRestarting, stopSignalOf, thaw } from './stop.ts'

const SIGKILL = 9

function prefixed<T>(prefix: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    if (isEngineError(error)) throw new EngineError(error.kind, prefix + error.message, { cause: error })
    throw error
  }
}

/** `docker kill`: KILL is waited for, every other signal only sent. */
export async function killContainer(deps: ContainerDeps, key: string, signalName = ''): Promise<void> {
  const { record, signal } = prefixed(`cannot kill container: ${key}: `, () => ({
    signal: signalName ? parseSignal(signalName) : SIGKILL,
    record: deps.store.find(key),
  }))
  if (record.state.status === 'restarting') return settleRestarting(deps, record)
  if (!isAlive(record)) {
    throw new EngineError('conflict', `cannot kill container: ${key}: container ${record.id} is not running`)
  }
  const endsIt = signal === SIGKILL || signal === stopSignalOf(record) || !record.config.StopSignal
  // `unless-stopped` takes every signal for a stop, the other policies only what ends it
  const isStop = endsIt || record.hostConfig.RestartPolicy?.Name === 'unless-stopped'
  if (isStop) deps.store.putState({ ...record, manuallyStopped: true })
  const exit = deps.lifecycle.next('exit', record.id)
  await sendSignal(deps, record, signal)
  if (endsIt) await thaw(deps, record, signal)
  if (signal === SIGKILL) await exit
}
