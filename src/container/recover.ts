import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskInfo } from '../runtime/runtime.ts'
import type { ContainerDeps } from './deps.ts'
import { handleExit, wantsRestart } from './exit.ts'
import { startHealthChecks } from './health.ts'
import { releaseHeld } from './hold-still.ts'
import { type ContainerRecord, isAlive } from './record.ts'
import { finishRemoval } from './remove.ts'
import { mountPlace, removeContainerDir } from './rootfs.ts'
import { startLocked } from './start.ts'

const lost = { exitCode: -1, oomKilled: false, exitedAt: '' }

/** Directories that no record owns: what a crash in the middle of create or remove left. */
function removeOrphans(deps: ContainerDeps): void {
  const { root, execRoot } = deps.settings
  for (const name of readdirSync(execRoot)) if (name.startsWith(mountPlace)) rmdirSync(join(execRoot, name))
  const dir = join(root, 'containers')
  for (const id of readdirSync(dir)) if (!deps.store.get(id)) removeContainerDir(deps, id)
}

/** A task that runs although its start was never recorded: the engine died in between, so nobody was told of it. */
async function endStray({ runtime }: ContainerDeps, { id, exit }: TaskInfo): Promise<void> {
  if (exit) await runtime.forget(id)
  else await runtime.signal(id, 9).catch(() => {})
}

/** Its start may be about to be recorded: whoever starts it holds the lock. */
async function settleUnrecorded(deps: ContainerDeps, task: TaskInfo): Promise<void> {
  {
    using _lock = await deps.locks.acquire(task.id)
    const record = deps.store.get(task.id)
    if (!record || !isAlive(record)) return await endStray(deps, task)
  }
  if (task.exit) await handleExit(deps, { id: task.id, ...task.exit })
}

/** Containers that run, by id: known before networks and volumes recover. */
export const aliveTasks = (
  records: readonly ContainerRecord[],
  tasks: readonly TaskInfo[],
): ReadonlyMap<string, number> => {
  const known = new Set(records.filter(isAlive).map(({ id }) => id))
  return new Map(tasks.filter(task => known.has(task.id) && !task.exit).map(({ id, pid }) => [id, pid]))
}

/** The engine may have died between pausing a container and recording it. */
function withPause(deps: ContainerDeps, record: ContainerRecord, paused: boolean): ContainerRecord {
  const status = paused ? 'paused' : 'running'
  if (record.state.status === status) return record
  const agreed = { ...record, state: { ...record.state, status } as const }
  deps.store.putState(agreed)
  return agreed
}

/**
 * Makes the records agree with what the supervisor knows: `tasks` are those that it took up when it began. What starts
 * meanwhile is left alone.
 *
 * @param startsAgain as in `handleExit`
 */
export async function reconcile(
  deps: ContainerDeps,
  tasks: readonly TaskInfo[],
  startsAgain?: Parameters<typeof handleExit>[2],
): Promise<void> {
  const byId = new Map(tasks.map(task => [task.id, task]))
  const alive = [...deps.store.all()].filter(isAlive)
  const known = new Set(alive.map(({ id }) => id))
  for (const record of alive) {
    const task = byId.get(record.id)
    if (deps.store.get(record.id)?.state.pid !== record.state.pid) continue
    if (!task) await handleExit(deps, { id: record.id, ...lost }, startsAgain)
    else if (task.exit) await handleExit(deps, { id: record.id, ...task.exit }, startsAgain)
    else startHealthChecks(deps, withPause(deps, record, task.paused))
  }
  for (const task of tasks) {
    if (task.containerId === undefined) {
      if (!known.has(task.id)) await settleUnrecorded(deps, task)
    } else if (task.exit || !deps.store.get(task.containerId)) await endStray(deps, task)
  }
}

/**
 * Whether the policy brings a container back that does not run when the engine starts. As in Docker, `on-failure` asks
 * for the exit code alone: what was stopped by hand and ended with another code than 0 comes back as well.
 */
function comesBack(record: ContainerRecord): boolean {
  const { hostConfig, manuallyStopped, hasStarted, state } = record
  if (!hasStarted || isAlive(record)) return false
  if (hostConfig.RestartPolicy?.Name === 'unless-stopped') return !manuallyStopped
  return wantsRestart(record, state.exitCode)
}

/** After the engine's start: finishes what was under way, then starts what its policy wants running. */
export async function recoverContainers(deps: ContainerDeps, tasks: readonly TaskInfo[]): Promise<void> {
  // not before everything else is there: startByPolicy does it
  await reconcile(deps, tasks, () => {})
  await releaseHeld(deps)
  for (const record of deps.store.all()) {
    if (record.hostConfig.AutoRemove && !isAlive(record) && record.hasStarted)
      await finishRemoval(deps, record, { volumes: true })
  }
  removeOrphans(deps)
}

/** Clients may be served already: what they started or stopped meanwhile stays so. */
export async function startByPolicy(deps: ContainerDeps): Promise<void> {
  for (const { id } of deps.store.all().filter(comesBack)) {
    using _lock = await deps.locks.acquire(id)
    const record = deps.store.get(id)
    if (!record || !comesBack(record)) continue
    const state = { ...record.state, status: 'exited' as const }
    await startLocked(deps, { ...record, manuallyStopped: false, restartCount: 0, state }).catch(error =>
      deps.log.warn('container not restarted', { id, error }),
    )
  }
}
