import { EngineError, messageOf } from '../base/errors.ts'
import { readCgroupFile, writeCgroupFile } from '../kernel/cgroup.ts'
import type { ContainerUpdateResponse, HostConfig } from '../spec/engine-api/container.ts'
import type { PortMap } from '../spec/engine-api/network.ts'
import { cgroupMode } from '../spec/host.ts'
import type { RuntimeResources } from '../spec/oci-runtime.ts'
import { cgroupOf } from './bundle.ts'
import { checkResources } from './check.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { withoutUnsupported } from './kernel-support.ts'
import { type ContainerRecord, isAlive } from './record.ts'
import { checkShares, resourcesOf } from './resources.ts'

const conflict = (id: string, text: string) => new EngineError('conflict', `Cannot update container ${id}: ${text}`)

/** What Docker's update changes of a container; zero leaves it as it is. */
const changeable = [
  'BlkioWeight',
  'CpuShares',
  'NanoCpus',
  'CpuPeriod',
  'CpuQuota',
  'CpusetCpus',
  'CpusetMems',
  'Memory',
  'MemorySwap',
  'MemoryReservation',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
] as const

/** A share of the processors is told one way or the other. @throws EngineError `conflict` with Docker's text */
function checkAgainst(id: string, old: HostConfig, changes: HostConfig): void {
  const { NanoCpus: nano = 0, CpuPeriod: period = 0, CpuQuota: quota = 0 } = changes
  const refuse = (what: string, because: string) =>
    conflict(id, `Conflicting options: ${what} cannot be updated as ${because} has already been set`)
  if (nano > 0 && (old.CpuPeriod ?? 0) > 0) throw refuse('Nano CPUs', 'CPU Period')
  if (nano > 0 && (old.CpuQuota ?? 0) > 0) throw refuse('Nano CPUs', 'CPU Quota')
  if (period > 0 && (old.NanoCpus ?? 0) > 0) throw refuse('CPU Period', 'NanoCPUs')
  if (quota > 0 && (old.NanoCpus ?? 0) > 0) throw refuse('CPU Quota', 'NanoCPUs')
  if (changes.Memory && !changes.MemorySwap && changes.Memory > (old.MemorySwap ?? 0))
    throw conflict(
      id,
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    )
  const policy = changes.RestartPolicy?.Name
  if (old.AutoRemove && policy && policy !== 'no')
    throw conflict(id, 'Restart policy cannot be updated because AutoRemove is enabled for the container')
}

function merge(host: HostConfig, changes: HostConfig): HostConfig {
  const given = changeable.filter(key => changes[key]).map(key => [key, changes[key]])
  const { PidsLimit: pids, RestartPolicy: policy } = changes
  return {
    ...host,
    ...Object.fromEntries(given),
    ...(pids !== undefined && pids !== null && { PidsLimit: Math.max(0, pids) }),
    ...(policy?.Name && { RestartPolicy: policy }),
  }
}

const orMax = (value: number | undefined): number | string | undefined =>
  value !== undefined && value < 0 ? 'max' : value

/** What v1 has no like of: swap is counted without memory, quota and period stand in one file, shares are weights. */
function writeUnified(group: string, { memory, cpu }: RuntimeResources): void {
  const set = (file: string, value: number | string | undefined) => {
    if (value !== undefined) writeCgroupFile('', group, file, String(value))
  }
  const swap = memory?.swap
  const limit = Number(readCgroupFile('', group, 'memory.max')) || 0 // `max` is no number
  set('memory.swap.max', swap === undefined || swap === -1 ? orMax(swap) : Math.max(0, swap - limit))
  if (cpu?.quota || cpu?.period) set('cpu.max', `${cpu.quota ? orMax(cpu.quota) : 'max'} ${cpu.period ?? 100_000}`)
  if (cpu?.shares) set('cpu.weight', 1 + Math.floor(((cpu.shares - 2) * 9999) / 262142))
}

/** Only what is changed is written. */
function writeLimits(group: string, changes: HostConfig): void {
  try {
    checkShares(changes)
  } catch (error) {
    throw new EngineError('internal', `runc did not terminate successfully: exit status 1: ${messageOf(error)}`)
  }
  const { PidsLimit: pids } = changes
  const resources = resourcesOf({ ...changes, CpuRealtimePeriod: 0, CpuRealtimeRuntime: 0 })
  const { memory, cpu } = resources
  const v2 = cgroupMode === 'v2'
  const set = (controller: string, v1File: string, v2File: string, value: number | string | undefined) => {
    if (value !== undefined) writeCgroupFile(controller, group, v2 ? v2File : v1File, String(value))
  }
  if (!v2) writeMemory(group, memory)
  else set('memory', '', 'memory.max', orMax(memory?.limit))
  set('memory', 'memory.soft_limit_in_bytes', 'memory.low', memory?.reservation)
  if (pids !== undefined && pids !== null) set('pids', 'pids.max', 'pids.max', pids > 0 ? pids : 'max')
  set('cpuset', 'cpuset.cpus', 'cpuset.cpus', cpu?.cpus)
  set('cpuset', 'cpuset.mems', 'cpuset.mems', cpu?.mems)
  if (v2) {
    writeUnified(group, resources)
    return
  }
  set('cpu', 'cpu.cfs_period_us', '', cpu?.period)
  set('cpu', 'cpu.cfs_quota_us', '', cpu?.quota)
  set('cpu', 'cpu.shares', '', cpu?.shares)
}

/** Memory never passes memory and swap, so that a rising one must wait for the other. */
function writeMemory(group: string, memory: RuntimeResources['memory']): void {
  const { limit, swap } = memory ?? {}
  const set = (file: string, value: number | undefined) => {
    if (value !== undefined) writeCgroupFile('memory', group, file, String(value))
  }
  const isRising = swap === -1 || (swap ?? 0) > Number(readCgroupFile('memory', group, 'memory.memsw.limit_in_bytes'))
  if (isRising) set('memory.memsw.limit_in_bytes', swap)
  set('memory.limit_in_bytes', limit)
  if (!isRising) set('memory.memsw.limit_in_bytes', swap)
}

/** Ours alone: `PortBindings` change what a running container publishes; its connections live on. */
async function publishAnew(
  deps: ContainerDeps,
  record: ContainerRecord,
  { PortBindings }: Readonly<Record<string, unknown>>,
): Promise<Partial<ContainerRecord>> {
  if (!PortBindings || !isAlive(record)) return {}
  return { ports: await deps.networks.publish(record.id, PortBindings as PortMap) }
}

/** Changes limits and the restart policy, also of a running container. */
export async function updateContainer(
  deps: ContainerDeps,
  key: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<ContainerUpdateResponse> {
  const { host: supported, warnings } = withoutUnsupported(changes as HostConfig)
  checkResources(supported, { isUpdate: true })
  const { id } = deps.store.find(key)
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  checkAgainst(id, record.hostConfig, supported)
  const hostConfig = merge(record.hostConfig, supported)
  try {
    if (isAlive(record)) writeLimits(cgroupOf(deps, record), supported)
  } catch (error) {
    throw new EngineError('internal', `Cannot update container ${id}: ${messageOf(error)}`, { cause: error })
  }
  const updated = { ...record, hostConfig, ...(await publishAnew(deps, record, changes)) }
  deps.store.put(updated)
  emitFor(deps, updated, 'update')
  return { Warnings: warnings.length > 0 ? warnings : null }
}
