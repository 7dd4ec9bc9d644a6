import { parseDuration } from '../base/duration.ts'
import { EngineError } from '../base/errors.ts'
import type { Filters, PruneReport } from '../spec/engine-api/engine.ts'
import type { ContainerDeps } from './deps.ts'
import { matchesLabel } from './filters.ts'
import { type ContainerRecord, isRunning } from './record.ts'
import { finishRemoval } from './remove.ts'
import { containerDir, upperDir } from './rootfs.ts'
import { directorySize } from './size.ts'

/** The moment before which things are old enough, in milliseconds since 1970. */
export function untilMillis(filters: Filters): number | undefined {
  const [value, ...more] = filters.get('until') ?? []
  if (more.length > 0) throw new EngineError('invalid', 'more than one until filter specified')
  if (value === undefined) return undefined
  const nanos = parseDuration(value)
  const moment =
    nanos !== undefined
      ? Date.now() - nanos / 1e6
      : /^\d+(\.\d+)?$/.test(value)
        ? Number(value) * 1000
        : Date.parse(value)
  if (Number.isNaN(moment))
    throw new EngineError('invalid', `failed to parse value as time or duration: ${JSON.stringify(value)}`)
  return moment
}

function toPredicate(filters: Filters): (record: ContainerRecord) => boolean {
  for (const key of filters.keys()) {
    if (!['until', 'label', 'label!'].includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
  }
  const until = untilMillis(filters)
  return ({ created, config: { Labels } }) =>
    (until === undefined || Date.parse(created) < until) &&
    (filters.get('label') ?? []).every(label => matchesLabel(Labels, label)) &&
    !(filters.get('label!') ?? []).some(label => matchesLabel(Labels, label))
}

/** Removes every container that does not run. */
export async function pruneContainers(deps: ContainerDeps, filters: Filters): Promise<PruneReport> {
  const matches = toPredicate(filters)
  const deleted: string[] = []
  let spaceReclaimed = 0
  for (const { id } of deps.store.all().filter(record => !isRunning(record) && matches(record))) {
    using _lock = await deps.locks.acquire(id)
    const record = deps.store.get(id)
    if (!record || isRunning(record)) continue
    spaceReclaimed += await directorySize(upperDir(containerDir(deps, id)))
    await finishRemoval(deps, record, { volumes: false })
    deleted.push(id)
  }
  deps.emit('prune', '', { reclaimed: String(spaceReclaimed) })
  return { deleted: deleted.length ? deleted : null, spaceReclaimed }
}
