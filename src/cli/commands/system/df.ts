import { formatSize } from '../../../base/size.ts'
import type { BuildCache } from '../../../spec/engine-api/build.ts'
import type { ContainerSummary } from '../../../spec/engine-api/container.ts'
import type { ImageSummary } from '../../../spec/engine-api/image.ts'
import type { Volume } from '../../../spec/engine-api/volume.ts'
import { command } from '../../command.ts'
import { goJson } from '../../format/functions.ts'
import { type Columns, formatList, printList } from '../../format/list.ts'
import { parseTemplate } from '../../format/template.ts'
import { formatMany } from '../../options/common.ts'
import { containerColumns } from '../container/list.ts'
import { imageColumns, imageRows } from '../image/list.ts'
import { volumeColumns } from '../volume/list.ts'
import { cacheColumns } from './cache-columns.ts'

interface Usage {
  readonly LayersSize?: number
  readonly Images?: readonly ImageSummary[] | null
  readonly Containers?: readonly ContainerSummary[] | null
  readonly Volumes?: readonly Volume[] | null
  readonly BuildCache?: readonly BuildCache[] | null
}

interface Row {
  readonly type: string
  readonly total: number
  readonly active: number
  readonly size: number
  readonly reclaimable: number
  readonly hasPercent: boolean
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function imageRow({ Images, LayersSize = 0 }: Usage): Row {
  const images = Images ?? []
  const used = images.filter(({ Containers }) => (Containers ?? 0) > 0)
  const usedBytes = sum(
    used
      .filter(({ Size, SharedSize }) => Size !== -1 && SharedSize !== -1)
      .map(({ SharedSize, Size }) => (Size ?? 0) - (SharedSize ?? 0)),
  )
  return {
    type: 'Images',
    total: images.length,
    active: used.length,
    size: LayersSize,
    reclaimable: LayersSize - usedBytes,
    hasPercent: true,
  }
}

function containerRow({ Containers }: Usage): Row {
  const containers = Containers ?? []
  const isActive = ({ State }: ContainerSummary) => /running|paused|restarting/.test(State ?? '')
  const size = sum(containers.map(({ SizeRw }) => Number(SizeRw ?? 0)))
  const idle = sum(containers.filter(item => !isActive(item)).map(({ SizeRw }) => Number(SizeRw ?? 0)))
  return {
    type: 'Containers',
    total: containers.length,
    active: containers.filter(isActive).length,
    size,
    reclaimable: idle,
    hasPercent: true,
  }
}

function volumeRow({ Volumes }: Usage): Row {
  const volumes = Volumes ?? []
  const bytes = ({ UsageData }: Volume) => Math.max(0, Number(UsageData?.Size ?? 0))
  const isUsed = ({ UsageData }: Volume) => Number(UsageData?.RefCount ?? 0) > 0
  const size = sum(volumes.map(bytes))
  const free = size - sum(volumes.filter(isUsed).map(bytes))
  return {
    type: 'Local Volumes',
    total: volumes.length,
    active: volumes.filter(isUsed).length,
    size,
    reclaimable: free,
    hasPercent: true,
  }
}

function cacheRow({ BuildCache }: Usage): Row {
  const items = BuildCache ?? []
  const own = items.filter(({ Shared }) => !Shared)
  const size = sum(own.map(({ Size }) => Number(Size ?? 0)))
  const inUse = sum(own.filter(({ InUse }) => InUse).map(({ Size }) => Number(Size ?? 0)))
  return {
    type: 'Build Cache',
    total: items.length,
    active: items.filter(({ InUse }) => InUse).length,
    size,
    reclaimable: size - inUse,
    hasPercent: false,
  }
}

const columns: Columns<Row> = {
  Type: { heading: 'TYPE', get: row => row.type },
  TotalCount: { heading: 'TOTAL', get: row => String(row.total) },
  Active: { heading: 'ACTIVE', get: row => String(row.active) },
  Size: { heading: 'SIZE', get: row => formatSize(row.size) },
  Reclaimable: {
    heading: 'RECLAIMABLE',
    get: ({ hasPercent, reclaimable, size }) =>
      hasPercent && size > 0
        ? `${formatSize(reclaimable)} (${Math.trunc((reclaimable * 100) / size)}%)`
        : formatSize(reclaimable),
  },
}

/** Sizes of what containers wrote, without their images. */
const dfContainerColumns = (isFull: boolean): Columns<ContainerSummary> => ({
  ...containerColumns(isFull),
  Size: { heading: 'SIZE', get: ({ SizeRw }) => formatSize(Number(SizeRw ?? 0), 3) },
})

function verboseData(usage: Usage): Readonly<Record<string, readonly object[]>> {
  const rows = <T>(shown: Columns<T>, items: readonly T[]) =>
    items.map(item =>
      Object.fromEntries(
        Object.entries(shown)
          .filter(([, column]) => !column.hidden)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, { get }]) => [name, get(item)]),
      ),
    )
  return {
    Images: rows(
      imageColumns(true),
      imageRows(usage.Images ?? []).map(row => ({ ...row, digest: '' })),
    ),
    Containers: rows(dfContainerColumns(true), usage.Containers ?? []),
    Volumes: rows(volumeColumns, usage.Volumes ?? []),
    BuildCache: rows(cacheColumns(true), usage.BuildCache ?? []),
  }
}

function verboseText(usage: Usage): string {
  const image =
    '{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}'
  const container =
    '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}'
  const cache =
    '{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}'
  const sections = [
    ['Images space usage:', formatList(imageColumns(false), imageRows(usage.Images ?? []), '', image)],
    ['Containers space usage:', formatList(dfContainerColumns(false), usage.Containers ?? [], '', container)],
    [
      'Local Volumes space usage:',
      formatList(volumeColumns, usage.Volumes ?? [], '', '{{.Name}}\t{{.Links}}\t{{.Size}}'),
    ],
    [
      `Build cache usage: ${formatSize(cacheRow(usage).size)}`,
      formatList(cacheColumns(false), usage.BuildCache ?? [], '', cache),
    ],
  ]
  return sections.map(([title, body]) => `${title}\n\n${body}`).join('\n')
}

export const df = command({
  usage: '[OPTIONS]',
  summary: 'Show what takes room on the disk',
  maxArgs: 0,
  flags: {
    format: formatMany,
    verbose: { type: 'bool', short: 'v', help: 'Every image, container, volume and cache entry' },
  },
  async run({ engine, flags, out }) {
    const usage = (await engine.system.diskUsage([])) as Usage
    if (!flags.verbose) {
      const rows = [imageRow(usage), containerRow(usage), volumeRow(usage), cacheRow(usage)]
      return printList(
        out,
        columns,
        rows,
        flags.format,
        '{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}',
      )
    }
    if (!flags.format || flags.format === 'table') return out.write(`${verboseText(usage)}\n`)
    const data = verboseData(usage)
    if (flags.format === 'json') out.write(goJson(data, true))
    else out.write(parseTemplate(flags.format)(data))
  },
})
