import type { Filters } from '../../../spec/engine-api/engine.ts'
import { type Context, command } from '../../command.ts'
import { ExitError } from '../../errors.ts'
import { parseFilters, withPruneFilters } from '../../filters.ts'
import { force } from '../../options/common.ts'
import { confirmPrune, reclaimed } from '../../options/prune.ts'
import { pruneBuilder } from '../builder/prune.ts'

const pruneFlags = {
  all: { type: 'bool', short: 'a', help: 'Images with a name as well' },
  filter: { type: 'filter', help: 'Only those that match, such as label=a', since: '1.28' },
  force,
  volumes: { type: 'bool', help: 'Anonymous volumes as well' },
} as const

function warningOf({ flags }: Context<typeof pruneFlags>, filters: Filters): string {
  const items = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(flags.volumes ? ['all anonymous volumes not used by at least one container'] : []),
    flags.all ? 'all images without at least one container associated to them' : 'all dangling images',
    flags.all ? 'all build cache' : 'unused build cache',
  ]
  const words = [...filters].flatMap(([key, values]) => values.map(value => `${key}=${value}`)).sort()
  const shown = words.length
    ? `\n\n  Items to be pruned will be filtered with:\n${words.map(word => `  - ${word}`).join('\n')}`
    : ''
  return `This will remove:\n${items.map(item => `  - ${item}`).join('\n')}${shown}\n`
}

export const prune = command({
  usage: '[OPTIONS]',
  summary: 'Delete whatever nothing uses',
  maxArgs: 0,
  flags: pruneFlags,
  async run(context) {
    const { config, engine, flags, out } = context
    const given = parseFilters(flags.filter)
    if (flags.volumes && given.has('until'))
      throw new ExitError(1, 'ERROR: The "until" filter is not supported with "--volumes"')
    const filters = withPruneFilters(given, config.file.pruneFilters)
    confirmPrune(out, flags.force, warningOf(context, filters))
    let total = 0
    const report = (title: string, lines: readonly string[] | null, bytes: number) => {
      if (lines?.length) out.line(`${title}:\n${lines.join('\n')}\n`)
      total += bytes
    }
    const containers = await engine.containers.prune(filters)
    report('Deleted Containers', containers.deleted, containers.spaceReclaimed)
    report('Deleted Networks', await engine.networks.prune(filters), 0)
    if (flags.volumes) {
      const volumes = await engine.volumes.prune(filters)
      report('Deleted Volumes', volumes.deleted, volumes.spaceReclaimed)
    }
    const images = await engine.images.prune(new Map(filters).set('dangling', [String(!flags.all)]))
    const lines = (images.deleted ?? []).map(item =>
      item.Untagged ? `untagged: ${item.Untagged}` : `deleted: ${item.Deleted}`,
    )
    report('Deleted Images', lines, images.spaceReclaimed)
    const cache = await pruneBuilder(engine, { all: flags.all, filters, keepBytes: 0 })
    report('Deleted build cache objects', cache.deleted, cache.spaceReclaimed)
    out.line(reclaimed(total))
  },
})
