import { EngineError } from '../base/errors.ts'
import type { ContainerConfig, HostConfig } from '../spec/engine-api/container.ts'

const invalid = (text: string) => new EngineError('invalid', text)
const conflict = (what: string) => invalid(`conflicting options: ${what}`)

/** What makes no sense beside another container's network. */
function checkJoinedNetwork(config: ContainerConfig, host: HostConfig): void {
  const target = /^container(?::(.*))?$/s.exec(host.NetworkMode ?? '')
  if (!target) return
  if (!target[1]) throw invalid('invalid network mode: invalid container format container:<name|id>')
  if (config.Hostname) throw conflict('hostname and the network mode')
  if (host.Links?.length)
    throw conflict("container type network can't be used with links. This would result in undefined behavior")
  if (host.Dns?.length) throw conflict('dns and the network mode')
  if (host.ExtraHosts?.length) throw conflict('custom host-to-IP mapping and the network mode')
  if (Object.keys(host.PortBindings ?? {}).length || host.PublishAllPorts)
    throw conflict('port publishing and the container type network mode')
  if (Object.keys(config.ExposedPorts ?? {}).length) throw conflict('port exposing and the container type network mode')
}

/**
 * Refuses what no engine of Docker's on Linux has, and options that contradict each other; Docker looks at this first.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function checkConflicts(config: ContainerConfig, host: HostConfig): void {
  const { NetworkMode: network, UTSMode: uts, Isolation: isolation } = host
  checkJoinedNetwork(config, host)
  if (uts === 'host' && config.Hostname) throw conflict('hostname and the UTS mode')
  if (network === 'host' && host.Links?.length)
    throw conflict("host type networking can't be used with links. This would result in undefined behavior")
  if (isolation && isolation.toLowerCase() !== 'default')
    throw invalid(`invalid isolation (${isolation}): linux only supports 'default'`)
  if (host.IOMaximumBandwidth)
    throw invalid('invalid option: QoS maximum bandwidth configuration is not supported on linux')
  if (host.IOMaximumIOps) throw invalid('invalid option: QoS maximum IOPs configuration is not supported on linux')
  const { CpuRealtimePeriod: period = 0, CpuRealtimeRuntime: runtime = 0 } = host
  if (period > 0 && runtime > period) throw invalid('cpu real-time runtime cannot be higher than cpu real-time period')
}
