import { isIPv6 } from 'node:net'
import { EngineError, messageOf } from '../base/errors.ts'
import type { Protocol } from '../kernel/socket.ts'
import type { PortBinding, PortMap } from '../spec/engine-api/network.ts'
import { gatewayEndpoint } from './endpoint.ts'
import { keyOf, type PortWish } from './host-ports.ts'
import { bridgeText, type EndpointRecord, gatewayMode, type PortWishes, type PublishedPort } from './record.ts'
import type { NetworkState } from './state.ts'

/** `80/tcp` → its parts. */
export function parsePort(text: string): { readonly port: number; readonly protocol: Protocol } {
  const [port, protocol = 'tcp'] = text.split('/')
  return { port: Number(port), protocol: protocol.toLowerCase() as Protocol }
}

type Gateways = Readonly<Record<4 | 6, EndpointRecord | undefined>>

/** Who takes the packets of published ports: the container's gateways, where they are bridges. */
function gatewaysOf(state: NetworkState, endpoints: readonly EndpointRecord[]): Gateways {
  const of = (family: 4 | 6) => {
    const endpoint = gatewayEndpoint(state, endpoints, family)
    return endpoint && state.networks.get(endpoint.networkId)?.driver === 'bridge' ? endpoint : undefined
  }
  return { 4: of(4), 6: of(6) }
}

interface Target {
  readonly hostIp: string
  readonly address: string
  readonly routed: boolean
}

/** Where a binding listens, and for which address of the container. */
function targetsOf(state: NetworkState, binding: PortBinding, protocol: Protocol, gateways: Gateways): Target[] {
  const [v4, v6] = [gateways[4], gateways[6]]
  const networkOf = (endpoint: EndpointRecord | undefined) => endpoint && state.networks.get(endpoint.networkId)
  const network = networkOf(v4)
  const fallback = (network && bridgeText(network, 'host_binding_ipv4')) || state.config.ip
  const hostIp = binding.HostIp || fallback
  const everywhere = !binding.HostIp && fallback === '0.0.0.0'
  const isRouted = (family: 4 | 6) => {
    const found = networkOf(gateways[family])
    return found !== undefined && gatewayMode(found, family) === 'routed'
  }
  const targets: Target[] = []
  if (v4 && !isIPv6(hostIp)) {
    const routed = isRouted(4)
    targets.push({ hostIp: routed ? '0.0.0.0' : hostIp, address: v4.settings.IPAddress!, routed })
  }
  if (!everywhere && !isIPv6(hostIp)) return targets
  const hostIp6 = everywhere ? '::' : hostIp
  if (v6)
    targets.push({ hostIp: isRouted(6) ? '::' : hostIp6, address: v6.settings.GlobalIPv6Address!, routed: isRouted(6) })
  else if (v4 && protocol !== 'sctp' && state.canProxy())
    targets.push({ hostIp: hostIp6, address: v4.settings.IPAddress!, routed: false })
  return targets
}

/** The bindings asked for, with an ephemeral one for each exposed port under `-P`. */
function bindingsOf({ publishAllPorts, exposedPorts, portBindings }: PortWishes): [string, PortBinding][] {
  const exposed = publishAllPorts ? exposedPorts.filter(port => !portBindings[port]?.length) : []
  const bound = Object.entries(portBindings).flatMap(([key, bindings]) =>
    (bindings ?? []).map((binding): [string, PortBinding] => [key, binding]),
  )
  return [...bound, ...exposed.map((key): [string, PortBinding] => [key, {}])].sort(
    ([a], [b]) => parsePort(a).port - parsePort(b).port,
  )
}

/** An ephemeral port, or one of a range, that the container has already stays its own. */
function keepPort(wish: PortWish, own: readonly PublishedPort[], taken: ReadonlySet<number>): PortWish {
  const kept = own.find(
    ({ protocol, containerPort, hostPort }) =>
      protocol === wish.protocol &&
      containerPort === wish.containerPort &&
      !taken.has(hostPort) &&
      (wish.first === 0 ? hostPort > 0 : hostPort >= wish.first && hostPort <= wish.last),
  )
  return kept ? { ...wish, first: kept.hostPort, last: kept.hostPort } : wish
}

/**
 * Reserves host ports for the container; all or none. The firewall is told by the caller, who also releases what of
 * `own` is not in the result.
 *
 * @param own what the container has now
 */
export function reservePorts(
  state: NetworkState,
  name: string,
  wishes: PortWishes,
  endpoints: readonly EndpointRecord[],
  own: readonly PublishedPort[] = [],
): PublishedPort[] {
  const gateways = gatewaysOf(state, endpoints)
  const endpoint = gateways[4] ?? gateways[6]
  if (!endpoint) return []
  const done: PublishedPort[] = []
  try {
    for (const [key, binding] of bindingsOf(wishes)) done.push(...reserveOne(state, key, binding, gateways, own, done))
    return done
  } catch (error) {
    const kept = new Set(own.map(keyOf))
    state.hostPorts.release(done.filter(port => !kept.has(keyOf(port))))
    const where = `endpoint ${name} (${endpoint.settings.EndpointID})`
    throw new EngineError(
      'internal',
      `driver failed programming external connectivity on ${where}: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

function reserveOne(
  state: NetworkState,
  key: string,
  binding: PortBinding,
  gateways: Gateways,
  own: readonly PublishedPort[],
  done: readonly PublishedPort[],
): PublishedPort[] {
  const { port: containerPort, protocol } = parsePort(key)
  const [first = 0, last = first] = (binding.HostPort || '0').split('-').map(Number)
  const all = targetsOf(state, binding, protocol, gateways)
  const routed = all
    .filter(target => target.routed)
    .map(({ hostIp, address }) => ({ protocol, containerPort, hostIp, hostPort: 0, address }))
  const targets = all.filter(target => !target.routed)
  if (targets.length === 0) return routed
  const taken = new Set(done.filter(port => port.protocol === protocol).map(({ hostPort }) => hostPort))
  const wish = keepPort({ protocol, containerPort, first, last, targets }, own, taken)
  return [...routed, ...state.hostPorts.reserve(wish, own)]
}

/** As inspect shows them: exposed ports without a host port are null. */
export function toPortMap(exposed: readonly string[], ports: readonly PublishedPort[]): PortMap {
  const out: Record<string, PortBinding[] | null> = Object.fromEntries(exposed.map(key => [key, null]))
  for (const { protocol, containerPort, hostIp, hostPort } of ports) {
    const key = `${containerPort}/${protocol}`
    out[key] = [...(out[key] ?? []), { HostIp: hostIp, HostPort: hostPort ? String(hostPort) : '' }]
  }
  return out
}
