import { messageOf } from '../base/errors.ts'
import { formatNanos, nowNanos } from '../base/time.ts'
import type { Health, HealthcheckResult } from '../spec/engine-api/container.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { runProbe } from './exec/probe.ts'
import { type ContainerRecord, isAlive } from './record.ts'

const keptResults = 5
const seconds = (nanos: number | undefined, fallback: number): number => (nanos ? nanos / 1e9 : fallback)

export const hasHealthcheck = ({ config }: ContainerRecord): boolean =>
  ['CMD', 'CMD-SHELL'].includes(config.Healthcheck?.Test?.[0] ?? '')

function commandOf({ config }: ContainerRecord): readonly string[] {
  const [kind, ...rest] = config.Healthcheck!.Test!
  if (kind === 'CMD-SHELL') return [...(config.Shell?.length ? config.Shell : ['/bin/sh', '-c']), rest.join(' ')]
  return rest
}

/** One probe's result applied to what was known. */
export function nextHealth(health: Health, result: HealthcheckResult, retries: number, isStarting: boolean): Health {
  const Log = [...(health.Log ?? []), result].slice(-keptResults)
  if (result.ExitCode === 0) return { Status: 'healthy', FailingStreak: 0, Log }
  if (isStarting && health.Status === 'starting') return { ...health, Log }
  const FailingStreak = (health.FailingStreak ?? 0) + 1
  return { Status: FailingStreak >= retries ? 'unhealthy' : health.Status!, FailingStreak, Log }
}

async function probe(deps: ContainerDeps, record: ContainerRecord): Promise<HealthcheckResult> {
  const timeoutSeconds = seconds(record.config.Healthcheck!.Timeout, 30)
  const Start = formatNanos(nowNanos())
  const result = await runProbe(deps, record, commandOf(record), timeoutSeconds).catch(error => ({
    ExitCode: -1,
    Output: messageOf(error),
  }))
  return { Start, End: formatNanos(nowNanos()), ...result }
}

async function check(deps: ContainerDeps, id: string, startedAt: string): Promise<void> {
  const record = deps.store.get(id)
  if (record?.state.status !== 'running' || record.state.startedAt !== startedAt) return
  const result = await probe(deps, record)
  const current = deps.store.get(id)
  if (current?.state.status !== 'running' || current.state.startedAt !== startedAt) return
  const { Retries, StartPeriod } = current.config.Healthcheck!
  const isStarting = Date.now() - Date.parse(startedAt) < seconds(StartPeriod, 0) * 1000
  const before = current.state.health!
  const health = nextHealth(before, result, Retries || 3, isStarting)
  deps.store.putState({ ...current, state: { ...current.state, health } })
  if (health.Status !== before.Status) emitFor(deps, current, `health_status: ${health.Status}`)
  schedule(deps, id, startedAt)
}

function schedule(deps: ContainerDeps, id: string, startedAt: string): void {
  const { config, state } = deps.store.get(id)!
  const { Interval, StartInterval, StartPeriod } = config.Healthcheck!
  const inStart =
    state.health?.Status === 'starting' && Date.now() - Date.parse(startedAt) < seconds(StartPeriod, 0) * 1000
  const wait = inStart ? seconds(StartInterval, 5) : seconds(Interval, 30)
  deps.lifecycle.schedule(id, wait * 1000, () => {
    check(deps, id, startedAt).catch(error => deps.log.warn('health check failed', { id, error }))
  })
}

/** Watches a container that has just started, or that a new engine found running. */
export function startHealthChecks(deps: ContainerDeps, { id }: ContainerRecord): void {
  const record = deps.store.get(id) // it may have ended by now
  if (!record || !isAlive(record) || !hasHealthcheck(record)) return
  const health = record.state.health ?? { Status: 'starting' as const, FailingStreak: 0, Log: [] }
  deps.store.putState({ ...record, state: { ...record.state, health } })
  schedule(deps, record.id, record.state.startedAt)
}
