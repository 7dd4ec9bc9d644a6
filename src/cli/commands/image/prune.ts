import { command } from '../../command.ts'
import { parseFilters, withPruneFilters } from '../../filters.ts'
import { force, pruneFilter } from '../../options/common.ts'
import { confirmPrune, reclaimed } from '../../options/prune.ts'

export const prune = command({
  usage: '[OPTIONS]',
  summary: 'Delete images that nothing uses',
  maxArgs: 0,
  flags: { all: { type: 'bool', short: 'a', help: 'Those with a name as well' }, filter: pruneFilter, force },
  async run({ config, engine, flags, out }) {
    const given = new Map(parseFilters(flags.filter)).set('dangling', [String(!flags.all)])
    const filters = withPruneFilters(given, config.file.pruneFilters)
    const warning = flags.all
      ? 'This will remove all images without at least one container associated to them.'
      : 'This will remove all dangling images.'
    confirmPrune(out, flags.force, warning)
    const { deleted, spaceReclaimed } = await engine.images.prune(filters)
    const lines = (deleted ?? []).map(item =>
      item.Untagged ? `untagged: ${item.Untagged}` : `deleted: ${item.Deleted}`,
    )
    if (lines.length) out.line(`Deleted Images:\n${lines.join('\n')}\n`)
    out.line(reclaimed(spaceReclaimed))
  },
})
