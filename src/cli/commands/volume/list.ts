import { formatSize } from '../../../base/size.ts'
import type { Volume } from '../../../spec/engine-api/volume.ts'
import { command } from '../../command.ts'
import { parseFilters } from '../../filters.ts'
import { type Columns, printList } from '../../format/list.ts'
import { naturally } from '../../format/order.ts'
import { filter, formatMany } from '../../options/common.ts'

interface Cluster {
  readonly Spec?: { readonly Group?: string; readonly Availability?: string }
  readonly Info?: { readonly VolumeID?: string }
}

const clusterOf = (item: Volume): Cluster | undefined => (item as { ClusterVolume?: Cluster }).ClusterVolume

export const volumeColumns: Columns<Volume> = {
  Name: { heading: 'VOLUME NAME', get: item => item.Name },
  Driver: { heading: 'DRIVER', get: item => item.Driver },
  Scope: { heading: 'SCOPE', get: item => item.Scope },
  Mountpoint: { heading: 'MOUNTPOINT', get: item => item.Mountpoint },
  Labels: {
    heading: 'LABELS',
    get: item =>
      Object.entries(item.Labels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
  },
  Label: { heading: '', get: () => '', call: (item, name) => item.Labels?.[name] ?? '', hidden: true },
  Links: { heading: 'LINKS', get: item => (item.UsageData ? String(item.UsageData.RefCount) : 'N/A') },
  Size: { heading: 'SIZE', get: item => (item.UsageData ? formatSize(Number(item.UsageData.Size), 4) : 'N/A') },
  Group: { heading: 'GROUP', get: item => clusterOf(item)?.Spec?.Group ?? 'N/A' },
  Availability: { heading: 'AVAILABILITY', get: item => clusterOf(item)?.Spec?.Availability ?? 'N/A' },
  Status: {
    heading: 'STATUS',
    get: item => (clusterOf(item) ? (clusterOf(item)?.Info?.VolumeID ? 'created' : 'pending creation') : 'N/A'),
  },
}

export const list = command({
  usage: '[OPTIONS]',
  summary: 'Show volumes',
  aliases: ['volume ls', 'volume list'],
  maxArgs: 0,
  flags: {
    cluster: { type: 'bool', help: 'Only cluster volumes, in their own columns', since: '1.42' },
    filter,
    format: formatMany,
    quiet: { type: 'bool', short: 'q', help: 'Names only' },
  },
  async run({ config, engine, flags, out }) {
    const volumes = [...((await engine.volumes.list(parseFilters(flags.filter))).Volumes ?? [])]
    const found = (flags.cluster ? volumes.filter(item => clusterOf(item)) : volumes).sort((a, b) =>
      naturally(a.Name ?? '', b.Name ?? ''),
    )
    const format = flags.format || (flags.quiet ? '' : ((config.file.volumesFormat as string | undefined) ?? ''))
    if (flags.quiet && (!format || format === 'table')) return found.forEach(({ Name }) => void out.line(Name!))
    const fallback = flags.cluster
      ? '{{.Name}}\t{{.Group}}\t{{.Driver}}\t{{.Availability}}\t{{.Status}}'
      : '{{.Driver}}\t{{.Name}}'
    printList(out, volumeColumns, found, format, fallback)
  },
})
