import { EngineError } from '../../base/errors.ts'
import { untilMillis } from '../../image/filters.ts'
import type { BuildPruneOptions } from '../../spec/engine-api/build-verbs.ts'
import type { PruneReport } from '../../spec/engine-api/engine.ts'
import type { GraphDeps } from '../graph/job.ts'
import { pruneCache } from '../graph/usage.ts'

/** Filters whose values are compared with the fields of records. */
const fields = ['id', 'parent', 'type', 'description']
const flags = ['inuse', 'shared', 'private', 'mutable', 'immutable']

/** POST /build/prune: what builds left, whichever protocol they came by. */
export async function pruneClassic(graph: GraphDeps, options: BuildPruneOptions): Promise<PruneReport> {
  const { filters, all = false, reservedSpace = 0, maxUsedSpace = 0, minFreeSpace = 0 } = options
  const before = untilMillis(filters)
  const keepDurationNanos = before === undefined ? 0 : Math.max(1, Date.now() - before) * 1e6
  const rules = [...filters].flatMap(([key, values]) => (key === 'until' || key === 'all' ? [] : toRules(key, values)))
  const limits = { keepDurationNanos, reservedSpace, maxUsedSpace, minFreeSpace }
  const gone = await pruneCache(graph, { filters: rules, all, ...limits })
  const spaceReclaimed = gone.reduce((sum, { shared, sizeBytes }) => sum + (shared ? 0 : sizeBytes), 0)
  return { deleted: gone.length ? gone.map(({ id }) => id) : null, spaceReclaimed }
}

function toRules(key: string, values: readonly string[]): readonly string[] {
  if (flags.includes(key)) return [key]
  if (!fields.includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
  return values.map(value => `${key}~=${value}`)
}
