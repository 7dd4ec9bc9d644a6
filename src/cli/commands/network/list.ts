import { parseNanos } from '../../../base/time.ts'
import type { Network } from '../../../spec/engine-api/network.ts'
import { command } from '../../command.ts'
import { parseFilters } from '../../filters.ts'
import { type Columns, printList } from '../../format/list.ts'
import { formatGoTime } from '../../format/moment.ts'
import { naturally } from '../../format/order.ts'
import { filter, formatMany } from '../../options/common.ts'

const columnsOf = (isFull: boolean): Columns<Network> => ({
  ID: { heading: 'NETWORK ID', get: ({ Id = '' }) => (isFull ? Id : Id.slice(0, 12)) },
  Name: { heading: 'NAME', get: item => item.Name },
  Driver: { heading: 'DRIVER', get: item => item.Driver },
  Scope: { heading: 'SCOPE', get: item => item.Scope },
  IPv4: { heading: 'IPV4', get: item => String(item.EnableIPv4 === true) },
  IPv6: { heading: 'IPV6', get: item => String(item.EnableIPv6 === true) },
  Internal: { heading: 'INTERNAL', get: item => String(item.Internal === true) },
  Labels: {
    heading: 'LABELS',
    get: item =>
      Object.entries(item.Labels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
  },
  Label: { heading: '', get: () => '', call: (item, name) => item.Labels?.[name] ?? '', hidden: true },
  CreatedAt: { heading: 'CREATED AT', get: item => formatGoTime(parseNanos(item.Created ?? '') ?? 0n) },
})

export const list = command({
  usage: '[OPTIONS]',
  summary: 'Show networks',
  aliases: ['network ls', 'network list'],
  maxArgs: 0,
  flags: {
    filter,
    format: formatMany,
    'no-trunc': { type: 'bool', help: 'Full ids' },
    quiet: { type: 'bool', short: 'q', help: 'Ids only' },
  },
  async run({ config, engine, flags, out }) {
    const found = [...(await engine.networks.list(parseFilters(flags.filter)))].sort((a, b) =>
      naturally(a.Name ?? '', b.Name ?? ''),
    )
    const format = flags.format || (flags.quiet ? '' : ((config.file.networksFormat as string | undefined) ?? ''))
    if (flags.quiet && (!format || format === 'table'))
      return found.forEach(({ Id = '' }) => void out.line(flags['no-trunc'] ? Id : Id.slice(0, 12)))
    printList(out, columnsOf(flags['no-trunc']), found, format, '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}')
  },
})
