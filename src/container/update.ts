import { EngineError, messageOf } from '../base/errors.ts'
import { writeCgroupFile } from '../kernel/cgroup.ts'
import type { ContainerUpdateResponse, HostConfig } from '../spec/engine-api/container.ts'
import type { PortMap } from '../spec/engine-api/network.ts'
import { cgroupMode } from '../spec/host.ts'
import type { RuntimeResources } from '../spec/oci-runtime.ts'
import { checkResources } from './check.ts'
import type { ContainerDeps } from './deps.ts'
import { emitFor } from './events.ts'
import { withoutUnsupported } from './kernel-support.ts'
import { type ContainerRecord, isAlive } from './record.ts'
import { resourcesOf } from './resources.ts'
import { cgroupOf } from './start.ts'

/** Fields that are absent or zero stay as they are. */
function merge(host: HostConfig, changes: Readonly<Record<string, unknown>>): HostConfig {
  const given = Object.entries(changes).filter(
    ([, value]) => value !== 0 && value !== '' && value !== null && value !== undefined,
  )
  const kept = given.filter(
    ([key, value]) =>
      !(Array.isArray(value) && value.length === 0) && !(key === 'RestartPolicy' && !(value as { Name?: string }).Name),
  )
  const merged: HostConfig = { ...host, ...Object.fromEntries(kept) }
  const pids = merged.PidsLimit
  return { ...merged, PidsLimit: pids !== undefined && pids !== null && pids <= 0 ? null : (pids ?? null) }
}

const orMax = (value: number | undefined): number | string | undefined =>
  value !== undefined && value < 0 ? 'max' : value

/** What v1 has no like of: swap is counted without memory, quota and period stand in one file, shares are weights. */
function writeUnified(group: string, { memory, cpu }: RuntimeResources): void {
  const set = (file: string, value: number | string | undefined) => {
    if (value !== undefined) writeCgroupFile('', group, file, String(value))
  }
  const swap = memory?.swap
  set('memory.swap.max', swap === undefined || swap === -1 ? orMax(swap) : Math.max(0, swap - (memory?.limit ?? 0)))
  if (cpu?.quota || cpu?.period) set('cpu.max', `${cpu.quota ? orMax(cpu.quota) : 'max'} ${cpu.period ?? 100_000}`)
  if (cpu?.shares) set('cpu.weight', 1 + Math.floor(((cpu.shares - 2) * 9999) / 262142))
}

function writeLimits(group: string, host: HostConfig): void {
  const resources = resourcesOf(host)
  const { memory, cpu, pids } = resources
  const v2 = cgroupMode === 'v2'
  const set = (controller: string, v1File: string, v2File: string, value: number | string | undefined) => {
    if (value !== undefined) writeCgroupFile(controller, group, v2 ? v2File : v1File, String(value))
  }
  if (!v2 && memory?.swap) writeCgroupFile('memory', group, 'memory.memsw.limit_in_bytes', String(memory.swap))
  set('memory', 'memory.limit_in_bytes', 'memory.max', v2 ? orMax(memory?.limit) : memory?.limit)
  set('memory', 'memory.soft_limit_in_bytes', 'memory.low', memory?.reservation)
  set('pids', 'pids.max', 'pids.max', pids?.limit ?? 'max')
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
  const hostConfig = merge(record.hostConfig, supported as Readonly<Record<string, unknown>>)
  const policy = hostConfig.RestartPolicy?.Name
  if (hostConfig.AutoRemove && policy && policy !== 'no') {
    throw new EngineError(
      'invalid',
      `Cannot update container ${id}: Restart policy cannot be updated because AutoRemove is enabled for the container`,
    )
  }
  checkResources(hostConfig.Memory! > hostConfig.MemorySwap! ? { ...hostConfig, MemorySwap: 0 } : hostConfig)
  if (
    hostConfig.Memory &&
    hostConfig.MemorySwap &&
    hostConfig.MemorySwap > 0 &&
    hostConfig.Memory > hostConfig.MemorySwap
  ) {
    throw new EngineError(
      'conflict',
      `Cannot update container ${id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time`,
    )
  }
  try {
    if (isAlive(record)) writeLimits(cgroupOf(deps, record), hostConfig)
  } catch (error) {
    throw new EngineError('internal', `Cannot update container ${id}: ${messageOf(error)}`, { cause: error })
  }
  const updated = { ...record, hostConfig, ...(await publishAnew(deps, record, changes)) }
  deps.store.put(updated)
  emitFor(deps, updated, 'update')
  return { Warnings: warnings.length > 0 ? warnings : null }
}
