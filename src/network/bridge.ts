import { randomBytes } from 'node:crypto'
import { EngineError, hasCode } from '../base/errors.ts'
import { addAddress, addLink, deleteAddress, deleteLink, setLink } from '../kernel/rtnetlink.ts'
import { setSysctl } from './host-sysctl.ts'
import { parseCidr } from './ip.ts'
import { bridgeFlag, bridgeName, isOnBridge, mtuOf, type NetworkRecord } from './record.ts'
import type { NetworkState } from './state.ts'

/** A random address that is locally administered and of one host. */
export function randomMac(): string {
  const bytes = randomBytes(6)
  bytes[0] = (bytes[0]! & 0xfe) | 0x02
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(':')
}

/** The bridge of this network with its addresses, made if it is missing. */
export function ensureBridge(state: NetworkState, network: NetworkRecord): number {
  const name = bridgeName(network)
  const found = state.links.link(name)
  if (found && found.kind !== 'bridge') throw new EngineError('internal', `link ${name} exists and is no bridge`)
  if (!found) makeBridge(state, network, name)
  const { index } = found ?? state.links.link(name)!
  const gateways = network.ipam.filter(({ Subnet }) => isOnBridge(network.options, parseCidr(Subnet!)!.family))
  state.links.change([
    ...(found ? staleAddresses(state, network, index) : []),
    setLink(index, { up: true }),
    ...gateways.flatMap(({ Gateway, Subnet }) =>
      Gateway ? [addAddress(index, Gateway, parseCidr(Subnet!)!.prefix)] : [],
    ),
  ])
  prepareHost(state, network, name)
  state.bridges.set(network.id, index)
  return index
}

/** What a bridge of ours still has of an earlier `--bip`. */
function staleAddresses(state: NetworkState, network: NetworkRecord, index: number) {
  const wanted = network.ipam.map(({ Gateway }) => Gateway)
  return state.links
    .addresses(index)
    .filter(cidr => !cidr.includes(':') && !wanted.includes(cidr.split('/')[0]))
    .map(cidr => deleteAddress(index, cidr))
}

function makeBridge(state: NetworkState, network: NetworkRecord, name: string): void {
  const mtu = mtuOf(network, state.config.mtu)
  // before the link is there, so that one that a crash leaves without a network is known as ours
  state.madeLinks.put(name, { networkId: network.id }, { durable: false })
  try {
    // a fixed address: else the bridge takes that of its lowest port and changes it as containers come and go
    state.links.change([addLink({ kind: 'bridge', name, mac: randomMac(), mtu, up: true })])
  } catch (cause) {
    if (hasCode(cause, 'ENOTSUP'))
      throw new EngineError('internal', `cannot make bridge ${name}: this kernel has no module "bridge"`, { cause })
    throw cause
  }
}

function prepareHost(state: NetworkState, network: NetworkRecord, bridge: string): void {
  if (network.internal) return
  // neighbours that are kept apart reach each other by us only, where a link lets them
  if (!bridgeFlag(network, 'enable_icc', true)) {
    setSysctl(`net.ipv4.conf.${bridge}.proxy_arp_pvlan`, '1', state.log)
    setSysctl(`net.ipv4.neigh.${bridge}.proxy_delay`, '0', state.log) // else up to 0.8 s, at random
  }
  // published ports answer on 127.0.0.1 too; our raw chain keeps containers away from the host's loopback
  setSysctl(`net.ipv4.conf.${bridge}.route_localnet`, '1', state.log)
  if (!state.config.ipForward) return
  setSysctl('net.ipv4.ip_forward', '1', state.log)
  if (network.enableIPv6) setSysctl('net.ipv6.conf.all.forwarding', '1', state.log)
}

/** One that somebody else had made stays. */
export function removeBridge(state: NetworkState, network: NetworkRecord): void {
  const name = bridgeName(network)
  if (state.madeLinks.has(name)) state.links.change([deleteLink(name)])
  state.madeLinks.delete(name, { durable: false })
  state.bridges.delete(network.id)
}

/** Bridges of networks that a crash kept from being made, or removed, whole. */
export function dropStrayBridges(state: NetworkState): void {
  for (const [name, { networkId }] of [...state.madeLinks.entries()]) {
    if (state.networks.has(networkId)) continue
    state.links.change([deleteLink(name)])
    state.madeLinks.delete(name, { durable: false })
  }
}
