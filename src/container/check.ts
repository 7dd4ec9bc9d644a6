import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { cpus } from 'node:os'
import { EngineError } from '../base/errors.ts'
import { parseSignalName } from '../base/signals.ts'
import type { ContainerConfig, HostConfig, RestartPolicy } from '../spec/engine-api/container.ts'
import { checkBindSource } from '../volume/bind-source.ts'
import { targetProblem } from '../volume/parse-bind.ts'
import { parseMount } from '../volume/parse-mounts.ts'
import { canonicalCapability } from './capabilities.ts'

const invalid = (text: string) => new EngineError('invalid', text)

const minMemoryBytes = 6 << 20

function checkMemory(host: HostConfig, isUpdate: boolean): void {
  const {
    Memory: memory = 0,
    MemorySwap: swap = 0,
    MemoryReservation: reservation = 0,
    MemorySwappiness: swappiness,
  } = host
  if (memory !== 0 && memory < minMemoryBytes) throw invalid('Minimum memory limit allowed is 6MB')
  if (memory === 0 && swap > 0 && !isUpdate)
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage')
  if (memory > 0 && swap > 0 && swap < memory) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage')
  }
  if (swappiness !== undefined && swappiness !== null && swappiness !== -1 && (swappiness < 0 || swappiness > 100)) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`)
  }
  if (reservation > 0 && reservation < minMemoryBytes) throw invalid('Minimum memory reservation allowed is 6MB')
  if (memory > 0 && reservation > 0 && memory < reservation) {
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage')
  }
}

function checkCpu(host: HostConfig, isUpdate: boolean): void {
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
  if (!isUpdate && (host.CpuShares ?? 0) < 0)
    throw invalid(`invalid CPU shares (${host.CpuShares}): value must be a positive integer`)
  checkCpuset(host.CpusetCpus, count)
  checkMemoryNodes(host.CpusetMems)
}

const maxInSet = 8192

/** The highest of `0-2,7`. */
function highestOf(list: string, what: string): number {
  const refuse = (why: string) => invalid(`Invalid value ${list} for cpuset ${what}: ${why}`)
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) throw refuse(`invalid format: ${list}`)
  const ranges = list.split(',').map(range => range.split('-').map(Number))
  for (const [first = 0, last = first] of ranges) {
    if (last < first) throw refuse(`invalid format: ${list}`)
    if (last > maxInSet) throw refuse(`value of out range, maximum is ${maxInSet}`)
  }
  return Math.max(...ranges.flat())
}

function checkCpuset(list: string | undefined, count: number): void {
  if (!list) return
  if (highestOf(list, 'cpus') >= count) {
    throw invalid(
      `Requested CPUs are not available - requested ${list}, available: 0${count > 1 ? `-${count - 1}` : ''}`,
    )
  }
}

function checkMemoryNodes(list: string | undefined): void {
  if (!list) return
  const highest = highestOf(list, 'mems')
  const available = memoryNodes()
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

/** Checks of limits; an update may leave out what stays as it was. */
export function checkResources(host: HostConfig, { isUpdate = false } = {}): void {
  checkMemory(host, isUpdate)
  checkCpu(host, isUpdate)
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

function checkHost(host: HostConfig): void {
  if (host.AutoRemove && host.RestartPolicy?.Name && host.RestartPolicy.Name !== 'no') {
    throw invalid("can't create 'AutoRemove' container with restart policy")
  }
  for (const mount of host.Mounts ?? []) checkBindSource(parseMount(mount))
  for (const entry of host.ExtraHosts ?? []) checkExtraHost(entry)
  checkPorts(host.PortBindings ?? {})
  if (host.RestartPolicy) checkRestartPolicy(host.RestartPolicy)
  for (const name of host.CapAdd ?? []) canonicalCapability(name, 'CapAdd')
  for (const name of host.CapDrop ?? []) canonicalCapability(name, 'CapDrop')
  if ('' in (host.Annotations ?? {}))
    throw invalid('invalid Annotations: the empty string is not permitted as an annotation key')
}

function checkExtraHost(entry: string): void {
  const [name, address] = [entry.slice(0, entry.indexOf(':')), entry.slice(entry.indexOf(':') + 1)]
  if (!entry.includes(':') || name === '') throw invalid(`bad format for add-host: "${entry}"`)
  if (address !== 'host-gateway' && isIP(address) === 0) throw invalid(`invalid IP address in add-host: "${address}"`)
}

const isPort = (text: string): boolean => /^\d+$/.test(text) && Number(text) <= 65535

/** Of a container one port, of the host also a range. */
function checkPorts(bindings: NonNullable<HostConfig['PortBindings']>): void {
  for (const [key, hosts] of Object.entries(bindings)) {
    const port = key.split('/')[0]!
    if (port !== '' && !isPort(port)) throw invalid(`invalid port specification: "${port}"`)
    for (const { HostPort = '' } of hosts ?? []) {
      const range = HostPort.split('/')[0]!
      const [first = '', last = first] = range.split('-')
      const isRange = isPort(first) && isPort(last) && Number(first) <= Number(last)
      if (range !== '' && !isRange) throw invalid(`invalid port specification: "${HostPort}"`)
    }
  }
}

function checkModes(host: HostConfig): void {
  const { IpcMode: ipc = '', PidMode: pid = '', UTSMode: uts = '', CgroupnsMode: cgroupns = '' } = host
  const isJoined = (mode: string) => mode.startsWith('container:')
  if (!['', 'none', 'private', 'shareable', 'host'].includes(ipc) && !isJoined(ipc))
    throw invalid(`invalid IPC mode: ${ipc}`)
  if (!['', 'host'].includes(pid) && !/^container:./.test(pid)) throw invalid(`invalid PID mode: ${pid}`)
  if (!['', 'host'].includes(uts)) throw invalid(`invalid UTS mode: ${uts}`)
  if ((host.ShmSize ?? 0) < 0) throw invalid('SHM size can not be less than 0')
  if ((host.OomScoreAdj ?? 0) < -1000 || (host.OomScoreAdj ?? 0) > 1000)
    throw invalid(`Invalid value ${host.OomScoreAdj}, range for oom score adj is [-1000, 1000]`)
  for (const target of Object.keys(host.Tmpfs ?? {})) {
    const problem = targetProblem(target)
    if (problem) throw invalid(problem)
  }
  if (!['', 'private', 'host'].includes(cgroupns)) throw invalid(`invalid cgroup namespace mode: ${cgroupns}`)
}

/**
 * Refuses what Docker refuses at create before it looks for the image, in its order.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function checkCreate(config: ContainerConfig, host: HostConfig): void {
  checkConfig(config)
  checkHost(host)
  checkResources(host)
  checkModes(host)
}
