import { randomBytes } from 'node:crypto'
import { EngineError, hasCode, messageOf } from '../base/errors.ts'
import { inNetwork } from '../kernel/namespace.ts'
import {
  addAddress,
  addLink,
  addNeighbour,
  addRoute,
  deleteLink,
  ipvlanFlags,
  ipvlanModes,
  macvlanModes,
  type NewLink,
  Rtnetlink,
  setBridgePort,
  setLink,
} from '../kernel/rtnetlink.ts'
import type { EndpointSettings } from '../spec/engine-api/network.ts'
import type { AddressPool } from './address-pool.ts'
import { ensureBridge, randomMac } from './bridge.ts'
import { setSysctl } from './host-sysctl.ts'
import { parentName } from './parent.ts'
import { bridgeFlag, type EndpointRecord, mtuOf, type NetworkRecord } from './record.ts'
import { type NetworkState, poolsOf } from './state.ts'

interface Allocation {
  readonly address: string
  readonly prefix: number
  readonly gateway: string
}

/** Gives out an address of one family, the wished one if there is a wish. */
function allocate(
  state: NetworkState,
  network: NetworkRecord,
  family: 4 | 6,
  wish: string | undefined,
): Allocation | undefined {
  const pools = poolsOf(state, network).filter(({ subnet }) => subnet.family === family)
  if (pools.length === 0) return undefined
  const toAllocation = (pool: AddressPool, address: string): Allocation => {
    const config = network.ipam[poolsOf(state, network).indexOf(pool)]!
    return { address, prefix: pool.subnet.prefix, gateway: config.Gateway?.split('/')[0] ?? '' }
  }
  if (wish) {
    const pool = pools.find(candidate => candidate.includes(wish))
    if (!pool) throw new EngineError('invalid', `no configured subnet contains IP address ${wish}`)
    if (!pool.take(wish)) throw new EngineError('forbidden', 'Address already in use')
    return toAllocation(pool, wish)
  }
  for (const pool of pools) {
    const address = pool.takeNext()
    if (address) return toAllocation(pool, address)
  }
  const where = `${network.name} (${network.id})`
  throw new EngineError('internal', `no available IPv${family} addresses on this network's address pools: ${where}`)
}

/** What the container gets on this network; its addresses are taken until `releaseEndpoint`. */
export function planEndpoint(
  state: NetworkState,
  network: NetworkRecord,
  wish: EndpointSettings,
  index: number,
  names: readonly string[],
): EndpointRecord {
  const ipam = wish.IPAMConfig
  const v4 = allocate(state, network, 4, ipam?.IPv4Address || undefined)
  let v6: Allocation | undefined
  try {
    v6 = network.enableIPv6 ? allocate(state, network, 6, ipam?.IPv6Address || undefined) : undefined
  } catch (error) {
    if (v4) release(state, network, v4.address)
    throw error
  }
  const prefix = network.options['com.docker.network.container_iface_prefix'] || 'eth'
  const settings: EndpointSettings = {
    ...wish,
    NetworkID: network.id,
    EndpointID: randomBytes(32).toString('hex'),
    MacAddress: wish.MacAddress || randomMac(),
    ...(wish.MacAddress ? { wishedMac: wish.MacAddress } : {}),
    Gateway: network.internal ? '' : (v4?.gateway ?? ''),
    IPAddress: v4?.address ?? '',
    IPPrefixLen: v4?.prefix ?? 0,
    IPv6Gateway: network.internal ? '' : (v6?.gateway ?? ''),
    GlobalIPv6Address: v6?.address ?? '',
    GlobalIPv6PrefixLen: v6?.prefix ?? 0,
    ...(network.name === 'bridge' ? {} : { DNSNames: orderNames(names, wish.Aliases ?? []) }),
  }
  const ifname = wish.DriverOpts?.['com.docker.network.endpoint.ifname'] || `${prefix}${index}`
  const veth = network.driver === 'bridge' ? `veth${randomBytes(4).toString('hex').slice(0, 7)}` : undefined
  return { networkId: network.id, networkName: network.name, settings, ifname, veth }
}

/** The container's name, then aliases, then id and host name, as in inspect. */
const orderNames = ([name = '', ...others]: readonly string[], aliases: readonly string[]): string[] => [
  ...new Set([name, ...aliases, ...others]),
]

function release(state: NetworkState, network: NetworkRecord, address: string): void {
  poolsOf(state, network)
    .find(pool => pool.includes(address))
    ?.release(address)
}

export function releaseEndpoint(state: NetworkState, endpoint: EndpointRecord): void {
  const network = state.networks.get(endpoint.networkId)
  if (!network) return
  for (const address of [endpoint.settings.IPAddress, endpoint.settings.GlobalIPv6Address])
    if (address) release(state, network, address)
}

/** Marks the addresses of an endpoint that lives already. */
export function reclaimEndpoint(state: NetworkState, endpoint: EndpointRecord): void {
  const network = state.networks.get(endpoint.networkId)
  if (!network) return
  for (const address of [endpoint.settings.IPAddress, endpoint.settings.GlobalIPv6Address])
    if (address)
      poolsOf(state, network)
        .find(pool => pool.includes(address))
        ?.take(address)
}

/** Makes the endpoint's link inside `namespace` with addresses; routes are `setGateways`' part. */
export function wireEndpoint(
  state: NetworkState,
  network: NetworkRecord,
  endpoint: EndpointRecord,
  namespace: number,
  hairpin = false,
): void {
  const links = () => toLinks(state, network, endpoint, namespace, hairpin)
  try {
    state.links.change(links())
  } catch (error) {
    if (!hasCode(error, 'ENODEV') || network.driver !== 'bridge') throw explain(error, network, endpoint)
    ensureBridge(state, network) // somebody took the bridge away
    state.links.change(links())
  }
  inNetwork(namespace, () => configureInside(state, endpoint))
  if (network.driver === 'bridge') meetBridge(state, network, endpoint)
}

/** The host knows the new owner of the address at once. */
function meetBridge(state: NetworkState, network: NetworkRecord, { settings }: EndpointRecord): void {
  const index = state.bridges.get(network.id)
  const { IPAddress, GlobalIPv6Address, MacAddress } = settings
  const addresses = [IPAddress, GlobalIPv6Address].filter(Boolean) as string[]
  if (index === undefined || !MacAddress) return
  try {
    state.links.change(addresses.map(address => addNeighbour(index, address, MacAddress, 'stale')))
  } catch (error) {
    state.log.debug('neighbour not told', { addresses, error: messageOf(error) })
  }
}

function configureInside(state: NetworkState, { ifname, settings }: EndpointRecord): void {
  if (!settings.GlobalIPv6Address) setSysctl(`net.ipv6.conf.${ifname}.disable_ipv6`, '1', state.log)
  for (const sysctl of settings.DriverOpts?.['com.docker.network.endpoint.sysctls']?.split(',') ?? []) {
    const [key = '', value = ''] = sysctl.split(/=(.*)/)
    setSysctl(key.trim().replace(/\bIFNAME\b/i, ifname), value, state.log)
  }
  // neighbours may know the address with the link of an earlier container: coming up, this one tells them
  setSysctl(`net.ipv4.conf.${ifname}.arp_notify`, '1', state.log)
  if (settings.GlobalIPv6Address) setSysctl(`net.ipv6.conf.${ifname}.ndisc_notify`, '1', state.log)
  using inner = new Rtnetlink()
  const index = inner.link(ifname)!.index
  const { IPAddress, IPPrefixLen, GlobalIPv6Address, GlobalIPv6PrefixLen, IPAMConfig } = settings
  inner.change([
    setLink(1, { up: true }),
    ...(IPAddress ? [addAddress(index, IPAddress, IPPrefixLen ?? 32)] : []),
    ...(GlobalIPv6Address ? [addAddress(index, GlobalIPv6Address, GlobalIPv6PrefixLen ?? 128)] : []),
    ...(IPAMConfig?.LinkLocalIPs ?? []).map(address => addAddress(index, address, address.includes(':') ? 64 : 16)),
    setLink(index, { up: true }),
  ])
}

function toLinks(
  state: NetworkState,
  network: NetworkRecord,
  endpoint: EndpointRecord,
  namespace: number,
  hairpin: boolean,
) {
  const mtu = mtuOf(network, state.config.mtu)
  const mac = endpoint.settings.MacAddress
  if (network.driver === 'bridge') {
    const master = state.bridges.get(network.id) ?? ensureBridge(state, network)
    const peer = { name: endpoint.ifname, mac, mtu, namespace }
    const isolated = !bridgeFlag(network, 'enable_icc', true)
    const pair = addLink({ kind: 'veth', name: endpoint.veth!, master, mtu, up: true, peer })
    return hairpin || isolated ? [pair, setBridgePort(endpoint.veth!, { hairpin, isolated })] : [pair]
  }
  const parent = state.links.link(parentName(network))
  if (!parent)
    throw new EngineError('internal', `parent link "${parentName(network)}" of network ${network.name} not found`)
  const base = { name: endpoint.ifname, parent: parent.index, namespace }
  return [
    addLink(network.driver === 'macvlan' ? { ...base, mac, ...macvlanOf(network) } : { ...base, ...ipvlanOf(network) }),
  ]
}

const macvlanOf = (network: NetworkRecord): Pick<NewLink, 'kind' | 'mode'> => ({
  kind: 'macvlan',
  mode: macvlanModes[(network.options.macvlan_mode || 'bridge') as keyof typeof macvlanModes],
})

const ipvlanOf = (network: NetworkRecord): Pick<NewLink, 'kind' | 'mode' | 'flags'> => ({
  kind: 'ipvlan',
  mode: ipvlanModes[(network.options.ipvlan_mode || 'l2') as keyof typeof ipvlanModes],
  flags: ipvlanFlags[(network.options.ipvlan_flag || 'bridge') as keyof typeof ipvlanFlags],
})

function explain(error: unknown, network: NetworkRecord, { veth, ifname }: EndpointRecord): unknown {
  if (hasCode(error, 'EINVAL')) {
    const why = `error renaming interface "${veth}" to "${ifname}": invalid argument`
    return new EngineError('internal', `failed to add interface ${veth} to sandbox: ${why}`, { cause: error })
  }
  if (!hasCode(error, 'ENOTSUP')) return error
  const module = network.driver === 'bridge' ? 'veth' : network.driver
  return new EngineError('internal', `network ${network.name}: this kernel has no module "${module}"`, { cause: error })
}

/**
 * The endpoint whose gateway of that family leads out. One that leads out by both families goes before all others, so
 * that a container has one way for both where it can; then the order of links counts.
 */
export function gatewayEndpoint(
  state: NetworkState,
  endpoints: readonly EndpointRecord[],
  family: 4 | 6,
): EndpointRecord | undefined {
  const leads = ({ settings, networkId }: EndpointRecord, version: 4 | 6) => {
    const isL3 = state.networks.get(networkId)?.options.ipvlan_mode?.startsWith('l3') ?? false
    return Boolean(version === 4 ? settings.Gateway || isL3 : settings.IPv6Gateway)
  }
  const usable = endpoints.filter(endpoint => leads(endpoint, family)).sort(byPriority)
  return usable.find(endpoint => leads(endpoint, 4) && leads(endpoint, 6)) ?? usable[0]
}

export const byPriority = (a: EndpointRecord, b: EndpointRecord): number =>
  (b.settings.GwPriority ?? 0) - (a.settings.GwPriority ?? 0) || (a.networkName < b.networkName ? -1 : 1)

/** Points the default routes at the best of `endpoints`. */
export function setGateways(state: NetworkState, endpoints: readonly EndpointRecord[], namespace: number): void {
  inNetwork(namespace, () => {
    using inner = new Rtnetlink()
    const links = inner.links()
    const changes = ([4, 6] as const).flatMap(family => {
      const best = gatewayEndpoint(state, endpoints, family)
      const index = links.find(({ name }) => name === best?.ifname)?.index
      if (!best || index === undefined) return []
      const isL3 = state.networks.get(best.networkId)?.options.ipvlan_mode?.startsWith('l3')
      const gateway = isL3 ? undefined : family === 4 ? best.settings.Gateway : best.settings.IPv6Gateway
      return [addRoute({ index, gateway, family })]
    })
    inner.change(changes)
  })
}

/** Takes the endpoint's link out of a living namespace. */
export function unwireEndpoint(endpoint: EndpointRecord, namespace: number): void {
  inNetwork(namespace, () => {
    using inner = new Rtnetlink()
    inner.change([deleteLink(endpoint.ifname)])
  })
}
