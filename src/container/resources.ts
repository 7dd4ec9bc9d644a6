import { statSync } from 'node:fs'
import { EngineError } from '../base/errors.ts'
import type { HostConfig, ThrottleDevice } from '../spec/engine-api/container.ts'
import { cgroupMode } from '../spec/host.ts'
import type { RuntimeResources, RuntimeThrottle } from '../spec/oci-runtime.ts'

const defaultPeriodMicros = 100_000

const numbersOf = (path: string) => {
  const rdev = statSync(path, { throwIfNoEntry: false })?.rdev
  if (rdev === undefined) throw new EngineError('internal', `stat ${path}: no such file or directory`)
  return { major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & ~0xff) }
}

const throttles = (devices: readonly ThrottleDevice[] | null | undefined): readonly RuntimeThrottle[] | undefined =>
  devices?.length ? devices.map(({ Path = '', Rate = 0 }) => ({ ...numbersOf(Path), rate: Rate })) : undefined

const withoutEmpty = <T extends object>(value: T): T =>
  Object.fromEntries(
    Object.entries(value).filter(([, item]) => item !== undefined && item !== null && item !== 0 && item !== ''),
  ) as T

function cpuOf(host: HostConfig): NonNullable<RuntimeResources['cpu']> {
  const byNano = host.NanoCpus
    ? { period: defaultPeriodMicros, quota: Math.floor((host.NanoCpus * defaultPeriodMicros) / 1e9) }
    : { period: host.CpuPeriod!, quota: host.CpuQuota! }
  return withoutEmpty({
    shares: host.CpuShares!,
    ...byNano,
    cpus: host.CpusetCpus!,
    mems: host.CpusetMems!,
    realtimePeriod: host.CpuRealtimePeriod!,
    realtimeRuntime: host.CpuRealtimeRuntime!,
  })
}

function memoryOf(host: HostConfig): NonNullable<RuntimeResources['memory']> {
  const { MemorySwappiness: swappiness } = host
  const limits = withoutEmpty({
    limit: host.Memory!,
    reservation: host.MemoryReservation!,
    swap: host.MemorySwap!,
    kernelTCP: host.KernelMemoryTCP!,
  })
  return {
    ...limits,
    ...(swappiness !== undefined && swappiness !== null && { swappiness }),
    ...(host.OomKillDisable && { disableOOMKiller: true }),
  }
}

function blockIoOf(host: HostConfig): NonNullable<RuntimeResources['blockIO']> {
  return withoutEmpty({
    weight: host.BlkioWeight!,
    weightDevice: (host.BlkioWeightDevice?.length
      ? host.BlkioWeightDevice.map(({ Path = '', Weight = 0 }) => ({ ...numbersOf(Path), weight: Weight }))
      : undefined)!,
    throttleReadBpsDevice: throttles(host.BlkioDeviceReadBps)!,
    throttleWriteBpsDevice: throttles(host.BlkioDeviceWriteBps)!,
    throttleReadIOPSDevice: throttles(host.BlkioDeviceReadIOps)!,
    throttleWriteIOPSDevice: throttles(host.BlkioDeviceWriteIOps)!,
  })
}

const [minShares, maxShares] = [2, 262_144]

/** The kernel would take the nearest value without a word. @throws EngineError as runc refuses it */
export function checkShares({ CpuShares: shares = 0 }: HostConfig): void {
  if (cgroupMode === 'v2' || shares === 0) return
  if (shares >= 0 && shares < minShares)
    throw new EngineError('internal', `the minimum allowed cpu-shares is ${minShares}`)
  if (shares < 0 || shares > maxShares)
    throw new EngineError('internal', `the maximum allowed cpu-shares is ${maxShares}`)
}

/** What a control group that is made anew is to have: crun cannot write the quota that means none. */
export function firstResourcesOf(host: HostConfig): RuntimeResources {
  return resourcesOf({ ...host, CpuQuota: Math.max(0, host.CpuQuota ?? 0) })
}

/** Limits as the runtime takes them; what is not set is left out. */
export function resourcesOf(host: HostConfig): RuntimeResources {
  const blockIO = blockIoOf(host)
  const [memory, cpu] = [memoryOf(host), cpuOf(host)]
  return {
    ...(Object.keys(memory).length && { memory }),
    ...(Object.keys(cpu).length && { cpu }),
    ...(host.PidsLimit && { pids: { limit: host.PidsLimit } }),
    ...(Object.keys(blockIO).length && { blockIO }),
  }
}
