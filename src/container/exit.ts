import { formatNanos, nowNanos, parseNanos } from '../base/time.ts'
import type { ExitNotice } from '../runtime/runtime.ts'
import type { EndpointSettings } from '../spec/engine-api/network.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { unmountVolumes } from './mounts.ts'
import { type ContainerRecord, isAlive } from './record.ts'
import { finishRemoval } from './remove.ts'
import { startLocked } from './start.ts'

const firstBackoffMillis = 100
const maxBackoffMillis = 60_000
const stableSeconds = 10
/** what is recorded when nobody saw how the process ended */
const unknownExitCode = 255

const backoffs = new Map<string, number>()

const secondsRun = ({ state }: ContainerRecord, exitedAt: string): number =>
  Number((parseNanos(exitedAt) ?? nowNanos()) - (parseNanos(state.startedAt) ?? nowNanos())) / 1e9

/** Whether the restart policy starts it again after this end, unless somebody stopped it. */
export function wantsRestart({ hostConfig, restartCount }: ContainerRecord, exitCode: number): boolean {
  const { Name: name, MaximumRetryCount: max = 0 } = hostConfig.RestartPolicy ?? {}
  if (name === 'always' || name === 'unless-stopped') return true
  return name === 'on-failure' && exitCode !== 0 && (max === 0 || restartCount < max)
}

/** Doubles, unless it ran for a while or was started by hand. */
function nextBackoff({ id, restartCount }: ContainerRecord, seconds: number): number {
  const before = seconds >= stableSeconds || restartCount <= 1 ? undefined : backoffs.get(id)
  const millis = before === undefined ? firstBackoffMillis : Math.min(before * 2, maxBackoffMillis)
  backoffs.set(id, millis)
  return millis
}

type StartsAgain = (deps: ContainerDeps, record: ContainerRecord, seconds: number) => void

const scheduleRestart: StartsAgain = (deps, record, seconds) => {
  deps.lifecycle.schedule(record.id, nextBackoff(record, seconds), async () => {
    using _lock = await deps.locks.acquire(record.id)
    const current = deps.store.get(record.id)
    if (current?.state.status !== 'restarting') return
    await startLocked(deps, current).catch(error => {
      deps.log.warn('restart failed', { id: record.id, error })
      giveUp(deps, current)
    })
  })
}

/** It stays as it ended: the exit code is that of its last life, only the reason is new. */
function giveUp({ store }: ContainerDeps, { id, state: { exitCode } }: ContainerRecord): void {
  const failed = store.get(id)
  if (failed) store.putState({ ...failed, state: { ...failed.state, exitCode } })
}

/**
 * A short life may be over before its start is recorded: then whoever starts it holds the lock. Next in its row may be
 * one who waits for just this end, so the lock is only how a start that failed is noticed.
 */
async function findAlive(deps: ContainerDeps, id: string): Promise<ContainerRecord | undefined> {
  const record = deps.store.get(id)
  if (!record || isAlive(record)) return record
  const leave = new AbortController()
  const lock = deps.locks.acquire(id)
  await Promise.race([lock, deps.lifecycle.next('start', id, leave.signal).catch(() => {})])
  leave.abort()
  const started = deps.store.get(id)
  void lock.then(held => held[Symbol.dispose]())
  return started && isAlive(started) ? started : undefined
}

const blank = ({
  IPAMConfig,
  Links,
  Aliases,
  DriverOpts,
  GwPriority,
  NetworkID,
  wishedMac = '',
}: EndpointSettings & { readonly wishedMac?: string }): EndpointSettings => ({
  IPAMConfig,
  Links,
  MacAddress: wishedMac,
  Aliases,
  DriverOpts,
  GwPriority,
  NetworkID,
})

/**
 * Records how a container's process ended, and gives back what it held. Runs outside the container's lock: whoever
 * holds that may be waiting for just this.
 *
 * @param startsAgain told of a container whose policy wants it to run; default: after a while that doubles each time
 */
export async function handleExit(
  deps: ContainerDeps,
  notice: ExitNotice,
  startsAgain: StartsAgain = scheduleRestart,
): Promise<void> {
  const record = await findAlive(deps, notice.id)
  if (!record) return void (await deps.runtime.forget(notice.id))
  deps.lifecycle.cancel(record.id)
  const exitCode = notice.exitCode < 0 ? unknownExitCode : notice.exitCode
  await deps.networks.detach(record.id)
  await unmountVolumes(deps, record)
  await deps.runtime.forget(record.id)
  const current = deps.store.get(record.id)
  if (!current) return
  const restarts = !current.manuallyStopped && wantsRestart(current, exitCode)
  const seconds = secondsRun(current, notice.exitedAt)
  const { health, ...state } = current.state
  const ended: ContainerRecord = {
    ...current,
    restartCount: current.restartCount + (restarts ? 1 : 0),
    ports: {},
    endpoints: Object.fromEntries(Object.entries(current.endpoints).map(([name, endpoint]) => [name, blank(endpoint)])),
    state: {
      ...state,
      ...(health && { health: { ...health, Status: 'unhealthy' as const } }),
      status: restarts ? 'restarting' : 'exited',
      pid: 0,
      exitCode,
      oomKilled: notice.oomKilled,
      finishedAt: notice.exitedAt || formatNanos(nowNanos()),
    },
  }
  deps.store.putState(ended)
  emitFor(deps, ended, 'die', { exitCode: String(exitCode), execDuration: String(Math.floor(seconds)) })
  deps.lifecycle.exited(record.id, { exitCode })
  if (restarts) startsAgain(deps, ended, seconds)
  else {
    backoffs.delete(record.id)
    if (ended.hostConfig.AutoRemove && deps.store.get(record.id)) await finishRemoval(deps, ended, { volumes: true })
  }
}
