import { formatAge } from '../../../base/duration.ts'
import { formatSize } from '../../../base/size.ts'
import { parseNanos } from '../../../base/time.ts'
import type { BuildCache } from '../../../spec/engine-api/build.ts'
import type { Columns } from '../../format/list.ts'
import { formatGoTime } from '../../format/moment.ts'

const since = (moment: string | null | undefined): string => {
  const nanos = moment ? parseNanos(moment) : undefined
  return nanos === undefined ? '' : `${formatAge(Date.now() / 1000 - Number(nanos / 1_000_000n) / 1000)} ago`
}

const at = (moment: string | null | undefined): string => {
  const nanos = moment ? parseNanos(moment) : undefined
  return nanos === undefined ? '' : formatGoTime(nanos)
}

export const cacheColumns = (isFull: boolean): Columns<BuildCache> => ({
  ID: { heading: 'CACHE ID', get: ({ ID = '', InUse }) => `${isFull ? ID : ID.slice(0, 12)}${InUse ? '*' : ''}` },
  Parent: {
    heading: 'PARENT',
    get: ({ Parents }) => (Parents ?? []).map(id => (isFull ? id : id.slice(0, 12))).join(', '),
  },
  CacheType: { heading: 'CACHE TYPE', get: item => item.Type },
  Description: { heading: 'DESCRIPTION', get: item => item.Description ?? '' },
  Size: { heading: 'SIZE', get: ({ Size = 0 }) => formatSize(Size, 3) },
  CreatedAt: { heading: 'CREATED', get: item => at(item.CreatedAt) },
  CreatedSince: { heading: 'CREATED', get: item => since(item.CreatedAt) },
  LastUsedAt: { heading: 'LAST USED', get: item => at(item.LastUsedAt) },
  LastUsedSince: { heading: 'LAST USED', get: item => since(item.LastUsedAt) },
  UsageCount: { heading: 'USAGE', get: item => String(item.UsageCount ?? 0) },
  InUse: { heading: 'IN USE', get: item => String(item.InUse === true) },
  Shared: { heading: 'SHARED', get: item => String(item.Shared === true) },
})
