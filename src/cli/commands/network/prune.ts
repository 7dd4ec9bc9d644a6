import { command } from '../../command.ts'
import { parseFilters, withPruneFilters } from '../../filters.ts'
import { force, pruneFilter } from '../../options/common.ts'
import { confirmPrune } from '../../options/prune.ts'

export const prune = command({
  usage: '[OPTIONS]',
  summary: 'Delete networks that no container uses',
  maxArgs: 0,
  flags: { filter: pruneFilter, force },
  async run({ config, engine, flags, out }) {
    const filters = withPruneFilters(parseFilters(flags.filter), config.file.pruneFilters)
    confirmPrune(out, flags.force, 'This will remove all custom networks not used by at least one container.')
    const deleted = await engine.networks.prune(filters)
    if (deleted?.length) out.line(`Deleted Networks:\n${deleted.join('\n')}\n`)
  },
})
