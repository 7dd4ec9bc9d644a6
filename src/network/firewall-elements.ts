import { isIPv6 } from 'node:net'
import type { NftElement, NftFamily } from '../kernel/nftables.ts'
import { addressBytes } from '../kernel/rtnetlink.ts'
import { bridgeFlag, bridgeName, gatewayMode, type NetworkRecord, type PublishedPort } from './record.ts'

const protocols = { tcp: 6, udp: 17, sctp: 132 } as const

// keys as the kernel wants them: every field padded to four bytes
const byName = (name: string): Buffer => Buffer.concat([Buffer.from(name), Buffer.alloc(16)], 16)
const byPort = (port: number): Buffer => Buffer.from([port >> 8, port & 0xff, 0, 0])
const byProtocol = (protocol: PublishedPort['protocol']): Buffer => Buffer.from([protocols[protocol], 0, 0, 0])

/** What the firewall must know of a network. */
export function elementsOfNetwork(network: NetworkRecord): NftElement[] {
  if (network.driver !== 'bridge') return []
  const name = byName(bridgeName(network))
  const isNoIcc = !bridgeFlag(network, 'enable_icc', true)
  return ([4, 6] as const).flatMap(version => {
    const family: NftFamily = version === 4 ? 'ip' : 'ip6'
    const mode = gatewayMode(network, version)
    const masks = mode.startsWith('nat') && bridgeFlag(network, 'enable_ip_masquerade', true)
    const address = network.options[`com.docker.network.host_ipv${version}`]
    const sets = [
      'bridges',
      ...(isNoIcc ? ['no_icc'] : []),
      ...(mode === 'isolated' ? ['isolated'] : []),
      ...(mode === 'routed' ? ['routed'] : []),
      ...(mode === 'nat-unprotected' ? ['unprotected'] : []),
      ...(masks ? ['masked'] : []),
    ]
    return [
      ...sets.map(set => ({ family, set, key: name })),
      { family, set: 'same', key: Buffer.concat([name, name]) },
      ...(masks && address ? [{ family, set: 'sources', key: name, data: addressBytes(address) }] : []),
    ]
  })
}

/** One port of a container that another one is linked to. */
export const elementsOfLink = (
  from: string,
  to: string,
  { protocol, port }: { readonly protocol: PublishedPort['protocol']; readonly port: number },
): NftElement => ({
  family: 'ip',
  set: 'linked',
  key: Buffer.concat([addressBytes(from), addressBytes(to), byProtocol(protocol), byPort(port)]),
})

const isAnywhere = (ip: string): boolean => ip === '0.0.0.0' || ip === '::'

/** Whether the kernel translates this port; the others are served by a proxy. */
export const isTranslated = ({ hostIp, address }: PublishedPort): boolean => isIPv6(hostIp) === isIPv6(address)

/** What the firewall must know of a published port. */
export function elementsOfPort(port: PublishedPort): NftElement[] {
  if (!isTranslated(port)) return []
  const family: NftFamily = isIPv6(port.address) ? 'ip6' : 'ip'
  const protocol = byProtocol(port.protocol)
  const inside = [addressBytes(port.address), byPort(port.containerPort)] as const
  const open = { family, set: 'open', key: Buffer.concat([inside[0], protocol, inside[1]]) }
  if (port.hostPort === 0) return [open] // routed: reached by its own address
  const everywhere = isAnywhere(port.hostIp)
  const key = Buffer.concat([...(everywhere ? [] : [addressBytes(port.hostIp)]), protocol, byPort(port.hostPort)])
  return [
    { family, set: everywhere ? 'anywhere' : 'somewhere', key, data: Buffer.concat(inside) },
    { family, set: everywhere ? 'ports' : 'host_ports', key },
  ]
}
