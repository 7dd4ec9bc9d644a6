import { command } from '../../command.ts'
import { parseFilters, withPruneFilters } from '../../filters.ts'
import { force, pruneFilter } from '../../options/common.ts'
import { confirmPrune, reclaimed } from '../../options/prune.ts'

export const prune = command({
  usage: '[OPTIONS]',
  summary: 'Delete every container that does not run',
  maxArgs: 0,
  flags: { filter: pruneFilter, force },
  async run({ config, engine, flags, out }) {
    const filters = withPruneFilters(parseFilters(flags.filter), config.file.pruneFilters)
    confirmPrune(out, flags.force, 'This will remove all stopped containers.')
    const { deleted, spaceReclaimed } = await engine.containers.prune(filters)
    if (deleted?.length) out.line(`Deleted Containers:\n${deleted.join('\n')}\n`)
    out.line(reclaimed(spaceReclaimed))
  },
})
