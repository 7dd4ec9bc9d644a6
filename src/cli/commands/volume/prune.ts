import { command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { parseFilters, withPruneFilters } from '../../filters.ts'
import { force } from '../../options/common.ts'
import { confirmPrune, reclaimed } from '../../options/prune.ts'

export const prune = command({
  usage: '[OPTIONS]',
  summary: 'Delete volumes that no container uses',
  maxArgs: 0,
  flags: {
    all: { type: 'bool', short: 'a', help: 'Those with a name as well', since: '1.42' },
    filter: { type: 'filter', help: 'Only those that match, such as label=a' },
    force,
  },
  async run({ config, engine, flags, out }) {
    const given = new Map(withPruneFilters(parseFilters(flags.filter), config.file.pruneFilters))
    if (flags.all) {
      if (given.has('all')) throw new ExitError(1, 'conflicting options: cannot specify both --all and --filter all=1')
      given.set('all', ['true'])
    }
    const warning = flags.all
      ? 'This will remove all local volumes not used by at least one container.'
      : 'This will remove anonymous local volumes not used by at least one container.'
    confirmPrune(out, flags.force, warning)
    const { deleted, spaceReclaimed } = await engine.volumes.prune(given)
    if (deleted?.length) out.line(`Deleted Volumes:\n${deleted.join('\n')}\n`)
    out.line(reclaimed(spaceReclaimed))
  },
})
