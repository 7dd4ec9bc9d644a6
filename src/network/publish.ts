import { isIPv6 } from 'node:net'
import { EngineError, messageOf } from '../base/errors.ts'
import type { Protocol } from '../kernel/socket.ts'
import type { PortBinding, PortMap } from '../spec/engine-api/network.ts'
import { gatewayEndpoint } from './endpoint.ts'
import type { PortWish } from './host-ports.ts'
import type { SandboxRequest } from './networks.ts'
import { bridgeText, type EndpointRecord, type PublishedPort } from './record.ts'
import type { NetworkState } from './state.ts'

/** `80/tcp` → its parts. */
export function parsePort(text: string): { readonly port: number; readonly protocol: Protocol } {
  const [port, protocol = 'tcp'] = text.split('/')
  return { port: Number(port), protocol: protocol.toLowerCase() as Protocol }
}

function toWish(
  state: NetworkState,
  key: string,
  binding: PortBinding,
  v4?: EndpointRecord,
  v6?: EndpointRecord,
): PortWish {
  const { port: containerPort, protocol } = parsePort(key)
  const [first = 0, last = first] = (binding.HostPort || '0').split('-').map(Number)
  const network = v4 && state.networks.get(v4.networkId)
  const fallback = (network && bridgeText(network, 'host_binding_ipv4')) || state.config.ip
  const hostIp = binding.HostIp || fallback
  const everywhere = !binding.HostIp && fallback === '0.0.0.0'
  const targets = [
    ...(v4 && !isIPv6(hostIp) ? [{ hostIp, address: v4.settings.IPAddress! }] : []),
    ...(v6 && (everywhere || isIPv6(hostIp))
      ? [{ hostIp: everywhere ? '::' : hostIp, address: v6.settings.GlobalIPv6Address! }]
      : []),
  ]
  return { protocol, containerPort, first, last, targets }
}

/** The bindings asked for, with an ephemeral one for each exposed port under `-P`. */
function bindingsOf(request: SandboxRequest): [string, PortBinding][] {
  const exposed = request.publishAllPorts
    ? request.exposedPorts.filter(port => !request.portBindings[port]?.length)
    : []
  const bound = Object.entries(request.portBindings).flatMap(([key, bindings]) =>
    (bindings ?? []).map((binding): [string, PortBinding] => [key, binding]),
  )
  return [...bound, ...exposed.map((key): [string, PortBinding] => [key, {}])].sort(
    ([a], [b]) => parsePort(a).port - parsePort(b).port,
  )
}

/** Reserves host ports for the container; all or none. The firewall is told by the caller. */
export function reservePorts(
  state: NetworkState,
  request: SandboxRequest,
  endpoints: readonly EndpointRecord[],
): PublishedPort[] {
  const isBridge = (endpoint: EndpointRecord | undefined) =>
    endpoint && state.networks.get(endpoint.networkId)?.driver === 'bridge' ? endpoint : undefined
  const v4 = isBridge(gatewayEndpoint(state, endpoints, 4))
  const v6 = isBridge(gatewayEndpoint(state, endpoints, 6))
  const endpoint = v4 ?? v6
  if (!endpoint) return []
  const done: PublishedPort[] = []
  try {
    for (const [key, binding] of bindingsOf(request))
      done.push(...state.hostPorts.reserve(toWish(state, key, binding, v4, v6)))
    return done
  } catch (error) {
    state.hostPorts.release(done)
    const where = `endpoint ${request.name} (${endpoint.settings.EndpointID})`
    throw new EngineError(
      'internal',
      `driver failed programming external connectivity on ${where}: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

/** As inspect shows them: exposed ports without a host port are null. */
export function toPortMap(exposed: readonly string[], ports: readonly PublishedPort[]): PortMap {
  const out: Record<string, PortBinding[] | null> = Object.fromEntries(exposed.map(key => [key, null]))
  for (const { protocol, containerPort, hostIp, hostPort } of ports) {
    const key = `${containerPort}/${protocol}`
    out[key] = [...(out[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }]
  }
  return out
}
