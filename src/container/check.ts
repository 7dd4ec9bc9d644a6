import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { EngineError } from '../base/errors.ts'
import type { ContainerConfig, HostConfig, RestartPolicy } from '../spec/engine-api/container.ts'
import { canonicalCapability } from './capabilities.ts'
import { parseSignalName } from './signals.ts'

const invalid = (text: string) => new EngineError('invalid', text)

const minMemoryBytes = 6 << 20

function checkMemory(host: HostConfig): void {
  const {
    Memory: memory = 0,
    MemorySwap: swap = 0,
    MemoryReservation: reservation = 0,
    MemorySwappiness: swappiness,
  } = host
  if (memory !== 0 && memory < minMemoryBytes) throw invalid('Minimum memory limit allowed is 6MB')
  if (memory === 0 && swap > 0)
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage')
  if (memory > 0 && swap > 0 && swap < memory) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  if (swappiness !== undefined && swappiness !== null && swappiness !== -1 && (swappiness < 0 || swappiness > 100)) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
  }
  if (reservation !== 0 && reservation < minMemoryBytes) throw invalid('Minimum memory reservation allowed is 6MB')
  if (memory > 0 && reservation > 0 && memory < reservation) {
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage')
  }
}

function checkCpu(host: HostConfig): void {
  const { NanoCpus: nano = 0, CpuPeriod: period = 0, CpuQuota: quota = 0 } = host
  const count = cpus().length
  if (nano > 0 && period > 0) throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set')
  if (nano > 0 && quota > 0) throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set')
  if (nano < 0 || nano > count * 1e9) {
    throw invalid(`range of CPUs is from 0.01 to ${count}.00, as there are only ${count} CPUs available`)
  }
  if (period !== 0 && (period < 1000 || period > 1_000_000)) {
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)')
  }
  if (quota > 0 && quota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)')
  const { CpuRealtimePeriod: rtPeriod = 0, CpuRealtimeRuntime: rtRuntime = 0 } = host
  if (rtPeriod !== 0 && rtRuntime !== 0 && rtRuntime > rtPeriod)
    throw invalid('cpu real-time runtime cannot be higher than cpu real-time period')
  checkCpuset(host.CpusetCpus, count)
  checkMemoryNodes(host.CpusetMems)
}

function checkCpuset(list: string | undefined, count: number): void {
  if (!list) return
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list))
    throw invalid(`Invalid value ${list} for cpuset cpus: invalid format: ${list}`)
  const highest = Math.max(...list.split(/[,-]/).map(Number))
  if (highest >= count) {
    throw invalid(
      `Requested CPUs are not available - requested ${list}, available: 0${count > 1 ? `-${count - 1}` : ''}`,
    )
  }
}

function checkMemoryNodes(list: string | undefined): void {
  if (!list) return
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list))
    throw invalid(`Invalid value ${list} for cpuset mems: invalid format: ${list}`)
  const available = memoryNodes()
  const highest = Math.max(...list.split(/[,-]/).map(Number))
  if (highest > Math.max(...available.split(/[,-]/).map(Number)))
    throw invalid(`Requested memory nodes are not available - requested ${list}, available: ${available}`)
}

function memoryNodes(): string {
  try {
    return readFileSync('/sys/devices/system/node/online', 'utf8').trim()
  } catch {
    return '0' // a kernel without NUMA
  }
}

const policies = ['', 'no', 'always', 'on-failure', 'unless-stopped']

/** @throws EngineError `invalid` with Docker's text */
export function checkRestartPolicy({ Name: name = '', MaximumRetryCount: count = 0 }: RestartPolicy): void {
  if (!policies.includes(name)) {
    throw invalid(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    )
  }
  if (count !== 0 && name !== 'on-failure') {
    throw invalid(
      `invalid restart policy: maximum retry count can only be used with 'on-failure'${count < 0 ? ' and cannot be negative' : ''}`,
    )
  }
  if (count < 0) throw invalid(`invalid restart policy: maximum retry count cannot be negative`)
}

/** Checks that hold for create and update alike. */
export function checkResources(host: HostConfig): void {
  checkMemory(host)
  checkCpu(host)
  const { BlkioWeight: weight = 0, RestartPolicy: policy } = host
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw invalid('Range of blkio weight is from 10 to 1000')
  if (policy) checkRestartPolicy(policy)
}

function checkConfig(config: ContainerConfig): void {
  if (config.WorkingDir && !config.WorkingDir.startsWith('/')) {
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`)
  }
  for (const entry of config.Env ?? []) {
    if (entry === '' || entry.startsWith('=')) throw invalid(`invalid environment variable: ${entry}`)
  }
  if (config.StopSignal) parseSignalName(config.StopSignal)
  checkHealthcheck(config)
}

function checkHealthcheck({ Healthcheck: health }: ContainerConfig): void {
  if (!health) return
  const durations = [
    ['Interval', health.Interval],
    ['Timeout', health.Timeout],
    ['StartPeriod', health.StartPeriod],
    ['StartInterval', health.StartInterval],
  ] as const
  for (const [name, nanos = 0] of durations) {
    if (nanos !== 0 && nanos < 1e6) throw invalid(`${name} in Healthcheck cannot be less than 1ms`)
  }
  if ((health.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative')
}

function checkNetwork(config: ContainerConfig, host: HostConfig): void {
  const mode = host.NetworkMode ?? ''
  const isContainer = mode.startsWith('container:')
  const conflict = (what: string) => invalid(`conflicting options: ${what}`)
  if (isContainer && config.Hostname) throw conflict('hostname and the network mode')
  if (mode === 'host' && host.Links?.length) {
    throw conflict("host type networking can't be used with links. This would result in undefined behavior")
  }
  if (isContainer && host.Links?.length) {
    throw conflict("container type network can't be used with links. This would result in undefined behavior")
  }
  if (isContainer && host.Dns?.length) throw conflict('dns and the network mode')
  if (isContainer && host.ExtraHosts?.length) throw conflict('custom host-to-IP mapping and the network mode')
  if ((isContainer || mode === 'host') && config.MacAddress) throw conflict('mac-address and the network mode')
  if (isContainer && (Object.keys(host.PortBindings ?? {}).length || host.PublishAllPorts)) {
    throw conflict('port publishing and the container type network mode')
  }
  if (isContainer && Object.keys(config.ExposedPorts ?? {}).length) {
    throw conflict('port exposing and the container type network mode')
  }
}

function checkHost(config: ContainerConfig, host: HostConfig): void {
  if (host.AutoRemove && host.RestartPolicy?.Name && host.RestartPolicy.Name !== 'no') {
    throw invalid("can't create 'AutoRemove' container with restart policy")
  }
  for (const name of host.CapAdd ?? []) canonicalCapability(name, 'CapAdd')
  for (const name of host.CapDrop ?? []) canonicalCapability(name, 'CapDrop')
  for (const entry of host.ExtraHosts ?? []) {
    if (!/^[^:]+:.+$/.test(entry)) throw invalid(`bad format for add-host: "${entry}"`)
  }
  if ((host.OomScoreAdj ?? 0) < -1000 || (host.OomScoreAdj ?? 0) > 1000) {
    throw invalid(`Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`)
  }
  if ((host.ShmSize ?? 0) < 0) throw invalid('SHM size can not be less than 0')
  checkModes(config, host)
  checkNetwork(config, host)
}

function checkModes(config: ContainerConfig, host: HostConfig): void {
  const { IpcMode: ipc = '', UTSMode: uts = '', Isolation: isolation = '' } = host
  if (!['', 'none', 'private', 'shareable', 'host'].includes(ipc) && !ipc.startsWith('container:'))
    throw invalid(`invalid IPC mode: ${ipc}`)
  if (uts === 'host' && config.Hostname) throw invalid('conflicting options: hostname and the UTS mode')
  if (isolation !== '' && isolation !== 'default')
    throw invalid(`invalid isolation (${isolation}): linux only supports 'default'`)
}

/**
 * Refuses what Docker refuses at create, in its order.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function checkCreate(config: ContainerConfig, host: HostConfig): void {
  checkConfig(config)
  checkHost(config, host)
  checkResources(host)
}
