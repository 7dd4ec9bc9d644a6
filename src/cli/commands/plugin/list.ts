import { command } from '../../command.ts'
import { encodeQueryFilters, parseFilters } from '../../filters.ts'
import { type Columns, printList } from '../../format/list.ts'
import { naturally } from '../../format/order.ts'
import { ellipsis } from '../../format/text.ts'
import { filter, formatMany } from '../../options/common.ts'

interface Plugin {
  readonly Id?: string
  readonly Name: string
  readonly Enabled: boolean
  readonly PluginReference?: string
  readonly Config: { readonly Description: string }
}

const columnsOf = (isFull: boolean): Columns<Plugin> => ({
  ID: { heading: 'ID', get: ({ Id = '' }) => (isFull ? Id : Id.slice(0, 12)) },
  Name: { heading: 'NAME', get: item => item.Name },
  Description: {
    heading: 'DESCRIPTION',
    get: ({ Config }) => {
      const text = Config.Description.replace(/[\n\r]/g, ' ')
      return isFull ? text : ellipsis(text, 45)
    },
  },
  Enabled: { heading: 'ENABLED', get: item => item.Enabled },
  PluginReference: { heading: 'PLUGIN REFERENCE', get: item => item.PluginReference ?? '' },
})

export const list = command({
  usage: '[OPTIONS]',
  summary: 'Show plugins of the engine',
  aliases: ['plugin ls', 'plugin list'],
  maxArgs: 0,
  flags: {
    filter,
    format: formatMany,
    'no-trunc': { type: 'bool', help: 'Print everything in full length' },
    quiet: { type: 'bool', short: 'q', help: 'Ids only' },
  },
  async run({ config, engine, flags, out }) {
    const query = { filters: encodeQueryFilters(parseFilters(flags.filter)) }
    const found = [
      ...((await engine.requestJson({ method: 'GET', path: '/plugins', query })) as readonly Plugin[]),
    ].sort((a, b) => naturally(a.Name, b.Name))
    const format = flags.format || (flags.quiet ? '' : ((config.file.pluginsFormat as string | undefined) ?? ''))
    const columns = columnsOf(flags['no-trunc'])
    if (flags.quiet && (!format || format === 'table'))
      return found.forEach(item => void out.line(String(columns.ID!.get(item))))
    printList(out, columns, found, format, '{{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}')
  },
})
