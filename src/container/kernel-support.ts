import { readCgroupFile } from '../kernel/cgroup.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import { cgroupMode } from '../spec/host.ts'

interface Limit {
  readonly isSet: (host: HostConfig) => boolean
  /** control file of the root group of v1, by controller; `undefined` where v2 has no such thing */
  readonly v1: readonly [controller: string, file: string]
  readonly v2?: string
  readonly without: Partial<HostConfig>
  readonly warning: string
}

const unmounted = 'or the cgroup is not mounted'

const throttle = (name: keyof HostConfig, file: string, kind: string): Limit => ({
  isSet: host => Boolean((host[name] as readonly unknown[] | null | undefined)?.length),
  v1: ['blkio', file],
  v2: 'io',
  without: { [name]: [] },
  warning: `Your kernel does not support ${kind} limit ${unmounted}. ${kind.replace(/^(\S+) Block I\/O (\S+)$/, 'Block I/O $1 $2')} limit discarded.`,
})

/** Limits that some kernels do not have, in Docker's order and words. */
const limits: readonly Limit[] = [
  {
    isSet: host => Boolean(host.Memory),
    v1: ['memory', 'memory.limit_in_bytes'],
    v2: 'memory',
    without: { Memory: 0, MemorySwap: -1 },
    warning: `Your kernel does not support memory limit capabilities ${unmounted}. Limitation discarded.`,
  },
  {
    isSet: host => Boolean(host.Memory) && host.MemorySwap !== -1,
    v1: ['memory', 'memory.memsw.limit_in_bytes'],
    v2: 'memory',
    without: { MemorySwap: -1 },
    warning: `Your kernel does not support swap limit capabilities ${unmounted}. Memory limited without swap.`,
  },
  {
    isSet: host =>
      host.MemorySwappiness !== undefined && host.MemorySwappiness !== null && host.MemorySwappiness !== -1,
    v1: ['memory', 'memory.swappiness'],
    without: { MemorySwappiness: -1 },
    warning: `Your kernel does not support memory swappiness capabilities ${unmounted}. Memory swappiness discarded.`,
  },
  {
    isSet: host => Boolean(host.MemoryReservation),
    v1: ['memory', 'memory.soft_limit_in_bytes'],
    v2: 'memory',
    without: { MemoryReservation: 0 },
    warning: `Your kernel does not support memory soft limit capabilities ${unmounted}. Limitation discarded.`,
  },
  {
    isSet: host => Boolean(host.OomKillDisable),
    v1: ['memory', 'memory.oom_control'],
    without: { OomKillDisable: false },
    warning: 'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
  },
  {
    isSet: host => Boolean(host.PidsLimit),
    v1: ['pids', 'cgroup.procs'],
    v2: 'pids',
    without: { PidsLimit: null },
    warning: `Your kernel does not support PIDs limit capabilities ${unmounted}. PIDs limit discarded.`,
  },
  {
    isSet: host => Boolean(host.CpuShares),
    v1: ['cpu', 'cpu.shares'],
    v2: 'cpu',
    without: { CpuShares: 0 },
    warning: `Your kernel does not support CPU shares ${unmounted}. Shares discarded.`,
  },
  {
    isSet: host => Boolean(host.CpuPeriod || host.CpuQuota),
    v1: ['cpu', 'cpu.cfs_quota_us'],
    v2: 'cpu',
    without: { CpuPeriod: 0, CpuQuota: 0 },
    warning: 'Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.',
  },
  {
    isSet: host => (host.CpuPercent ?? 0) > 0,
    v1: ['cpu', 'cpu.percent'], // of Windows
    without: { CpuPercent: 0 },
    warning: 'linux does not support CPU percent. Percent discarded.',
  },
  {
    isSet: host => Boolean(host.CpusetCpus || host.CpusetMems),
    v1: ['cpuset', 'cpuset.cpus'],
    v2: 'cpuset',
    without: { CpusetCpus: '', CpusetMems: '' },
    warning: `Your kernel does not support cpuset ${unmounted}. Cpuset discarded.`,
  },
  {
    isSet: host => Boolean(host.BlkioWeight),
    v1: ['blkio', 'blkio.weight'],
    v2: 'io',
    without: { BlkioWeight: 0 },
    warning: `Your kernel does not support Block I/O weight ${unmounted}. Weight discarded.`,
  },
  {
    isSet: host => Boolean(host.BlkioWeightDevice?.length),
    v1: ['blkio', 'blkio.weight_device'],
    v2: 'io',
    without: { BlkioWeightDevice: [] },
    warning: `Your kernel does not support Block I/O weight_device ${unmounted}. Weight-device discarded.`,
  },
  throttle('BlkioDeviceReadBps', 'blkio.throttle.read_bps_device', 'BPS Block I/O read'),
  throttle('BlkioDeviceWriteBps', 'blkio.throttle.write_bps_device', 'BPS Block I/O write'),
  throttle('BlkioDeviceReadIOps', 'blkio.throttle.read_iops_device', 'IOPS Block I/O read'),
  throttle('BlkioDeviceWriteIOps', 'blkio.throttle.write_iops_device', 'IOPS Block I/O write'),
]

function isSupported({ v1: [controller, file], v2 }: Limit): boolean {
  if (cgroupMode !== 'v2') return readCgroupFile(controller, '/', file) !== undefined
  return v2 !== undefined && (readCgroupFile('', '/', 'cgroup.controllers') ?? '').split(/\s/).includes(v2)
}

/** `host` without what this kernel cannot do, and what to tell the user of it. */
export function withoutUnsupported(host: HostConfig): {
  readonly host: HostConfig
  readonly warnings: readonly string[]
} {
  let kept = host
  const warnings: string[] = []
  for (const limit of limits) {
    if (!limit.isSet(kept) || isSupported(limit)) continue
    kept = { ...kept, ...limit.without }
    warnings.push(limit.warning)
  }
  if (kept.OomKillDisable && !kept.Memory)
    warnings.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    )
  return { host: kept, warnings }
}
