import { formatMemory, formatSize } from '../../../base/size.ts'
import type { Columns } from '../../format/list.ts'

/** One line of `stats`; undefined numbers are not known yet. */
export interface StatsEntry {
  readonly id: string
  readonly container: string
  readonly name: string
  readonly isKnown: boolean
  readonly cpuPercent: number
  readonly memory: number
  readonly memoryLimit: number
  readonly memoryPercent: number
  readonly received: number
  readonly sent: number
  readonly read: number
  readonly written: number
  readonly pids: number
}

/** Numbers of GET /containers/{id}/stats that count here. */
interface Sample {
  readonly id?: string
  readonly name?: string
  readonly cpu_stats?: Cpu
  readonly precpu_stats?: Cpu
  readonly memory_stats?: {
    readonly usage?: number
    readonly limit?: number
    readonly stats?: Readonly<Record<string, number>>
  }
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>
  readonly blkio_stats?: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null
  }
  readonly pids_stats?: { readonly current?: number }
}

interface Cpu {
  readonly cpu_usage?: { readonly total_usage?: number; readonly percpu_usage?: readonly number[] | null }
  readonly system_cpu_usage?: number
  readonly online_cpus?: number
}

export const emptyEntry = (container: string): StatsEntry => ({
  id: '',
  container,
  name: '',
  isKnown: false,
  cpuPercent: 0,
  memory: 0,
  memoryLimit: 0,
  memoryPercent: 0,
  received: 0,
  sent: 0,
  read: 0,
  written: 0,
  pids: 0,
})

function cpuPercent({ cpu_stats: now = {}, precpu_stats: before = {} }: Sample): number {
  const used = (now.cpu_usage?.total_usage ?? 0) - (before.cpu_usage?.total_usage ?? 0)
  const passed = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0)
  const cpus = now.online_cpus || now.cpu_usage?.percpu_usage?.length || 0
  return passed > 0 && used > 0 ? (used / passed) * cpus * 100 : 0
}

/** Memory without the cache that the kernel would give back first. */
function memoryUsed({ stats = {}, usage = 0 }: NonNullable<Sample['memory_stats']>): number {
  const cache = stats.total_inactive_file ?? stats.inactive_file
  return cache !== undefined && cache < usage ? usage - cache : usage
}

function diskBytes(sample: Sample, letter: string): number {
  const entries = sample.blkio_stats?.io_service_bytes_recursive ?? []
  return entries.filter(({ op }) => op[0]?.toLowerCase() === letter).reduce((sum, { value }) => sum + value, 0)
}

export function toEntry(container: string, sample: Sample): StatsEntry {
  const memory = memoryUsed(sample.memory_stats ?? {})
  const memoryLimit = sample.memory_stats?.limit ?? 0
  const networks = Object.values(sample.networks ?? {})
  return {
    id: sample.id ?? '',
    container,
    name: (sample.name ?? '').replace(/^\//, ''),
    isKnown: true,
    cpuPercent: cpuPercent(sample),
    memory,
    memoryLimit,
    memoryPercent: memoryLimit ? (memory / memoryLimit) * 100 : 0,
    received: networks.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    sent: networks.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
    read: diskBytes(sample, 'r'),
    written: diskBytes(sample, 'w'),
    pids: Number(sample.pids_stats?.current ?? 0),
  }
}

const known = (entry: StatsEntry, text: string, otherwise = '--'): string => (entry.isKnown ? text : otherwise)
const pair = (a: number, b: number): string => `${formatSize(a, 3)} / ${formatSize(b, 3)}`

export const statsColumns = (isFull: boolean): Columns<StatsEntry> => ({
  Container: { heading: 'CONTAINER', get: item => item.container },
  Name: { heading: 'NAME', get: item => item.name || '--' },
  ID: { heading: 'CONTAINER ID', get: ({ id }) => (isFull ? id : id.slice(0, 12)) },
  CPUPerc: { heading: 'CPU %', get: item => known(item, `${item.cpuPercent.toFixed(2)}%`) },
  MemUsage: {
    heading: 'MEM USAGE / LIMIT',
    get: item => known(item, `${formatMemory(item.memory)} / ${formatMemory(item.memoryLimit)}`, '-- / --'),
  },
  MemPerc: { heading: 'MEM %', get: item => known(item, `${item.memoryPercent.toFixed(2)}%`) },
  NetIO: { heading: 'NET I/O', get: item => known(item, pair(item.received, item.sent)) },
  BlockIO: { heading: 'BLOCK I/O', get: item => known(item, pair(item.read, item.written)) },
  PIDs: { heading: 'PIDS', get: item => known(item, String(item.pids)) },
})

export const statsFallback =
  '{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}'
