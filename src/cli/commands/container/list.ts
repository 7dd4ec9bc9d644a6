import { formatAge } from '../../../base/duration.ts'
import { formatSize } from '../../../base/size.ts'
import type { ContainerSummary } from '../../../spec/engine-api/container.ts'
import { command } from '../../command.ts'
import { parseFilters } from '../../filters.ts'
import { type Columns, printList } from '../../format/list.ts'
import { formatLocal } from '../../format/moment.ts'
import { formatPorts } from '../../format/ports.ts'
import { ellipsis } from '../../format/text.ts'
import { filter, formatMany } from '../../options/common.ts'

const namesOf = ({ Names }: ContainerSummary): readonly string[] => (Names ?? []).map(name => name.replace(/^\//, ''))

const sizeOf = (item: ContainerSummary): string => {
  const virtual = item.SizeRootFs ? ` (virtual ${formatSize(item.SizeRootFs, 3)})` : ''
  return `${formatSize(item.SizeRw ?? 0, 3)}${virtual}`
}

export const containerColumns = (isFull: boolean): Columns<ContainerSummary> => {
  const short = (text: string) => (isFull ? text : text.slice(0, 12))
  const names = (item: ContainerSummary) =>
    namesOf(item)
      .filter(name => isFull || !name.includes('/'))
      .join(',')
  const labels = (item: ContainerSummary) =>
    Object.entries(item.Labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',')
  const image = ({ Image, ImageID }: ContainerSummary) => {
    if (!Image) return '<no image>'
    if (!isFull && (Image === ImageID || Image.startsWith('sha256:'))) return Image.replace('sha256:', '').slice(0, 12)
    return isFull ? Image : Image.replace(/@sha256:[0-9a-f]+$/, '')
  }
  return {
    ID: { heading: 'CONTAINER ID', get: item => short(item.Id ?? '') },
    Names: { heading: 'NAMES', get: names },
    Image: { heading: 'IMAGE', get: image },
    Command: {
      heading: 'COMMAND',
      get: item => JSON.stringify(isFull ? item.Command : ellipsis(item.Command ?? '', 20)),
    },
    CreatedAt: { heading: 'CREATED AT', get: item => formatLocal(new Date((item.Created ?? 0) * 1000)) },
    RunningFor: { heading: 'CREATED', get: item => `${formatAge(Date.now() / 1000 - (item.Created ?? 0))} ago` },
    Ports: { heading: 'PORTS', get: item => formatPorts(item.Ports ?? []) },
    State: { heading: 'STATE', get: item => item.State },
    Status: { heading: 'STATUS', get: item => item.Status },
    Size: { heading: 'SIZE', get: sizeOf },
    Labels: { heading: 'LABELS', get: labels },
    Label: { heading: '', get: () => '', call: (item, name) => item.Labels?.[name] ?? '', hidden: true },
    Platform: {
      heading: 'PLATFORM',
      get: item => {
        const platform = (item as { ImageManifestDescriptor?: { platform?: { os: string; architecture: string } } })
          .ImageManifestDescriptor?.platform
        return platform ? `${platform.os}/${platform.architecture}` : null
      },
    },
    Mounts: {
      heading: 'MOUNTS',
      get: item =>
        (item.Mounts ?? [])
          .map(({ Name, Source }) => (isFull ? Name || Source || '' : ellipsis(Name || Source || '', 15)))
          .join(','),
    },
    LocalVolumes: {
      heading: 'LOCAL VOLUMES',
      get: item => String((item.Mounts ?? []).filter(({ Driver }) => Driver === 'local').length),
    },
    Networks: { heading: 'NETWORKS', get: item => Object.keys(item.NetworkSettings?.Networks ?? {}).join(',') },
  }
}

export const list = command({
  usage: '[OPTIONS]',
  summary: 'Show containers',
  aliases: ['container ls', 'container list', 'container ps', 'ps'],
  maxArgs: 0,
  flags: {
    all: { type: 'bool', short: 'a', help: 'Stopped ones as well' },
    filter,
    format: formatMany,
    last: { type: 'int', short: 'n', help: 'The newest so many, whatever their state', default: -1 },
    latest: { type: 'bool', short: 'l', help: 'The newest one, whatever its state' },
    'no-trunc': { type: 'bool', help: 'Print everything in full length' },
    quiet: { type: 'bool', short: 'q', help: 'Ids only' },
    size: { type: 'bool', short: 's', help: 'Sizes of their files' },
  },
  async run({ config, engine, flags, out }) {
    const limit = flags.latest && flags.last === -1 ? 1 : flags.last
    const format = flags.format || (flags.quiet ? '' : ((config.file.psFormat as string | undefined) ?? ''))
    const size = flags.size || /\.Size\b/.test(format)
    const items = await engine.containers.list({ all: flags.all, filters: parseFilters(flags.filter), limit, size })
    if (flags.quiet && (!flags.format || flags.format === 'table')) {
      for (const { Id } of items) out.line(flags['no-trunc'] ? Id! : Id!.slice(0, 12))
      return
    }
    const fallback = `{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}${flags.size ? '\t{{.Size}}' : ''}`
    printList(out, containerColumns(flags['no-trunc']), items, format, fallback)
  },
})
