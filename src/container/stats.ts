import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { readCgroupFile } from '../kernel/cgroup.ts'
import type { ContainerStatsResponse } from '../spec/engine-api/container-stats.ts'
import { cgroupMode } from '../spec/host.ts'
import { cgroupOf } from './bundle.ts'
import type { ContainerDeps } from './deps.ts'
import { type ContainerRecord, isAlive } from './record.ts'

const zero = '0001-01-01T00:00:00Z'
const periodMillis = 1000

const numberIn = (text: string | undefined): number | undefined => {
  const value = text?.trim()
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined
}

const table = (text: string | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(
    (text ?? '')
      .split('\n')
      .map(line => line.split(' '))
      .filter(parts => parts.length === 2)
      .map(([key, value]) => [key!, Number(value)]),
  )

/** Time of all processors so far, in nanoseconds: the first seven numbers of /proc/stat. */
function systemCpu(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!
  const ticks = line.trim().split(/\s+/).slice(1, 8).map(Number)
  return ticks.reduce((sum, value) => sum + value, 0) * 1e7
}

function cpuOf(group: string) {
  const common = { system_cpu_usage: systemCpu(), online_cpus: cpus().length }
  if (cgroupMode === 'v2') {
    const stat = table(readCgroupFile('', group, 'cpu.stat'))
    return {
      cpu_usage: {
        total_usage: (stat.usage_usec ?? 0) * 1000,
        usage_in_kernelmode: (stat.system_usec ?? 0) * 1000,
        usage_in_usermode: (stat.user_usec ?? 0) * 1000,
      },
      ...common,
      throttling_data: {
        periods: stat.nr_periods ?? 0,
        throttled_periods: stat.nr_throttled ?? 0,
        throttled_time: (stat.throttled_usec ?? 0) * 1000,
      },
    }
  }
  const throttled = table(readCgroupFile('cpu', group, 'cpu.stat'))
  const split = table(readCgroupFile('cpuacct', group, 'cpuacct.stat'))
  return {
    cpu_usage: {
      total_usage: numberIn(readCgroupFile('cpuacct', group, 'cpuacct.usage')) ?? 0,
      percpu_usage: (readCgroupFile('cpuacct', group, 'cpuacct.usage_percpu') ?? '')
        .trim()
        .split(' ')
        .filter(Boolean)
        .map(Number),
      usage_in_kernelmode: (split.system ?? 0) * 1e7,
      usage_in_usermode: (split.user ?? 0) * 1e7,
    },
    ...common,
    throttling_data: {
      periods: throttled.nr_periods ?? 0,
      throttled_periods: throttled.nr_throttled ?? 0,
      throttled_time: throttled.throttled_time ?? 0,
    },
  }
}

function memoryOf(group: string) {
  const [usageFile, maxFile] =
    cgroupMode === 'v2' ? ['memory.current', 'memory.max'] : ['memory.usage_in_bytes', 'memory.limit_in_bytes']
  const limit = numberIn(readCgroupFile('memory', group, maxFile!))
  return {
    usage: numberIn(readCgroupFile('memory', group, usageFile!)) ?? 0,
    ...(cgroupMode !== 'v2' && {
      max_usage: numberIn(readCgroupFile('memory', group, 'memory.max_usage_in_bytes')) ?? 0,
    }),
    stats: table(readCgroupFile('memory', group, 'memory.stat')),
    limit: Math.min(limit ?? totalmem(), totalmem()),
  }
}

const counters = 'rx_bytes rx_packets rx_errors rx_dropped - - - - tx_bytes tx_packets tx_errors tx_dropped'.split(' ')

function networksOf(pid: number): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n').slice(2)
  return Object.fromEntries(
    lines
      .map(line => line.trim().split(/[:\s]+/))
      .filter(([name]) => name && name !== 'lo')
      .map(([name, ...values]) => [
        name!,
        Object.fromEntries(counters.flatMap((key, i) => (key === '-' ? [] : [[key, Number(values[i])]]))),
      ]),
  )
}

const blkioNames =
  'io_service_bytes_recursive io_serviced_recursive io_queue_recursive io_service_time_recursive io_wait_time_recursive io_merged_recursive io_time_recursive sectors_recursive'.split(
    ' ',
  )

function blkioOf(group: string) {
  const empty = Object.fromEntries(blkioNames.map(name => [name, cgroupMode === 'v2' ? null : []]))
  const entries = (file: string) =>
    (readCgroupFile('blkio', group, file) ?? '')
      .split('\n')
      .map(line => /^(\d+):(\d+) (\w+) (\d+)$/.exec(line))
      .filter(match => match !== null)
      .map(([, major, minor, op, value]) => ({ major: Number(major), minor: Number(minor), op, value: Number(value) }))
  if (cgroupMode === 'v2') {
    const bytes = (readCgroupFile('', group, 'io.stat') ?? '').split('\n').flatMap(line => {
      const match = /^(\d+):(\d+) rbytes=(\d+) wbytes=(\d+)/.exec(line)
      if (!match) return []
      const [major, minor] = [Number(match[1]), Number(match[2])]
      return [
        { major, minor, op: 'read', value: Number(match[3]) },
        { major, minor, op: 'write', value: Number(match[4]) },
      ]
    })
    return { ...empty, io_service_bytes_recursive: bytes.length ? bytes : null }
  }
  return {
    ...empty,
    io_service_bytes_recursive: entries('blkio.throttle.io_service_bytes_recursive'),
    io_serviced_recursive: entries('blkio.throttle.io_serviced_recursive'),
  }
}

const emptyCpu = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

interface Sample {
  readonly read: string
  readonly cpu: object
}

function sample(
  deps: ContainerDeps,
  record: ContainerRecord,
  before: Sample | undefined,
): { readonly stats: ContainerStatsResponse; readonly sample: Sample } {
  const group = cgroupOf(deps, record)
  const read = new Date().toISOString()
  const cpu = cpuOf(group)
  const limit = numberIn(readCgroupFile('pids', group, 'pids.max'))
  const stats = {
    name: `/${record.name}`,
    id: record.id,
    read,
    preread: before?.read ?? zero,
    pids_stats: {
      current: numberIn(readCgroupFile('pids', group, 'pids.current')) ?? 0,
      ...(limit !== undefined && { limit }),
    },
    blkio_stats: blkioOf(group),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu,
    precpu_stats: before?.cpu ?? emptyCpu,
    memory_stats: memoryOf(group),
    networks: networksOf(record.state.pid),
  } as unknown as ContainerStatsResponse
  return { stats, sample: { read, cpu } }
}

const idle = (record: ContainerRecord): ContainerStatsResponse =>
  ({
    name: `/${record.name}`,
    id: record.id,
    read: zero,
    preread: zero,
    pids_stats: {},
    blkio_stats: Object.fromEntries(blkioNames.map(name => [name, null])),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: emptyCpu,
    precpu_stats: emptyCpu,
    memory_stats: {},
  }) as unknown as ContainerStatsResponse

export interface StatsOptions {
  readonly stream: boolean
  readonly oneShot: boolean
  readonly signal?: AbortSignal | undefined
}

/** Use of processor, memory, network and disks: once, or every second. */
export async function statsOf(
  deps: ContainerDeps,
  key: string,
  options: StatsOptions,
): Promise<AsyncIterable<ContainerStatsResponse>> {
  const { id } = deps.store.find(key)
  return samples(deps, id, options)
}

async function* samples(
  deps: ContainerDeps,
  id: string,
  { stream, oneShot, signal }: StatsOptions,
): AsyncGenerator<ContainerStatsResponse> {
  let before: Sample | undefined
  for (let round = 0; !signal?.aborted; round++) {
    const record = deps.store.get(id)
    if (!record) return
    if (!isAlive(record)) {
      before = undefined
      yield idle(record)
      if (!stream) return
    } else {
      const taken = sample(deps, record, before)
      before = taken.sample
      if (stream || oneShot || round > 0) yield taken.stats
      if (oneShot || (!stream && round > 0)) return
    }
    await delay(periodMillis, undefined, { signal }).catch(() => {})
  }
}
