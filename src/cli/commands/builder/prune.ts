import type { EngineConnection } from '../../../spec/engine-api/connection.ts'
import type { Filters, PruneReport } from '../../../spec/engine-api/engine.ts'
import { command } from '../../command.ts'
import { parseFilters, withPruneFilters } from '../../filters.ts'
import { force } from '../../options/common.ts'
import { confirmPrune, reclaimed } from '../../options/prune.ts'

export interface CacheOptions {
  readonly all: boolean
  readonly filters: Filters
  readonly keepBytes: number
}

const encode = (filters: Filters): string =>
  filters.size === 0
    ? ''
    : JSON.stringify(
        Object.fromEntries(
          [...filters].map(([key, values]) => [key, Object.fromEntries(values.map(value => [value, true]))]),
        ),
      )

/** Forgets what builds left for later ones. */
export async function pruneBuilder(
  engine: EngineConnection,
  { all, filters, keepBytes }: CacheOptions,
): Promise<PruneReport> {
  const query = {
    all: all ? '1' : undefined,
    filters: encode(filters),
    'keep-storage': keepBytes ? String(keepBytes) : undefined,
    'reserved-space': keepBytes ? String(keepBytes) : undefined,
  }
  const answer = (await engine.requestJson({ method: 'POST', path: '/build/prune', query })) as {
    readonly CachesDeleted: readonly string[] | null
    readonly SpaceReclaimed: number
  }
  return { deleted: answer.CachesDeleted, spaceReclaimed: answer.SpaceReclaimed }
}

export const prune = command({
  usage: '',
  summary: 'Forget what builds left for later ones',
  maxArgs: 0,
  flags: {
    all: { type: 'bool', short: 'a', help: 'Everything that is not in use, not only what nothing refers to' },
    filter: { type: 'filter', help: 'Only those that match, such as until=24h' },
    force,
    'keep-storage': { type: 'bytes', help: 'Bytes of cache to keep' },
  },
  async run({ config, engine, flags, out }) {
    const filters = withPruneFilters(parseFilters(flags.filter), config.file.pruneFilters)
    const warning = flags.all ? 'This will remove all build cache.' : 'This will remove all dangling build cache.'
    confirmPrune(out, flags.force, warning, ' ')
    const options = { all: flags.all, filters, keepBytes: flags['keep-storage'] }
    const { deleted, spaceReclaimed } = await pruneBuilder(engine, options)
    if (deleted?.length) out.line(`Deleted build cache objects:\n${deleted.join('\n')}\n`)
    out.line(reclaimed(spaceReclaimed))
  },
})
