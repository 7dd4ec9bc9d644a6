import { isIPv4, isIPv6 } from 'node:net'
import { EngineError } from '../base/errors.ts'
import type { EndpointSettings } from '../spec/engine-api/network.ts'
import { isInside, parseCidr, parseIp } from './ip.ts'
import { isPredefined, type NetworkRecord } from './record.ts'
import type { NetworkState } from './state.ts'

const sysctlPattern = /^net\.(ipv4|ipv6|mpls)\.[\w-]+\.IFNAME\.[^=]+=/i

function sysctlProblems({ DriverOpts }: EndpointSettings): string[] {
  const text = DriverOpts?.['com.docker.network.endpoint.sysctls']
  if (!text) return []
  const how = "represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'"
  return text
    .split(',')
    .filter(sysctl => !sysctlPattern.test(sysctl.trim()))
    .map(sysctl => `unrecognised network interface sysctl '${sysctl}'; ${how}`)
}

function rangeProblems(network: NetworkRecord, family: 4 | 6, address: string): string[] {
  const subnets = network.ipam.flatMap(({ Subnet }) => (Subnet ? [parseCidr(Subnet)!] : []))
  const own = network.userSubnets ? subnets.filter(subnet => subnet.family === family) : []
  if (own.length === 0)
    return ['user specified IP address is supported only when connecting to networks with user configured subnets']
  if (parseIp(address) && own.some(subnet => isInside(address, subnet))) return []
  return [`no configured subnet or ip-range contain the IP address ${address}`]
}

function problemsOf(network: NetworkRecord | undefined, name: string, wish: EndpointSettings): string[] {
  const { IPv4Address, IPv6Address, LinkLocalIPs } = wish.IPAMConfig ?? {}
  const problems: string[] = []
  const isOthers = name.startsWith('container:')
  if ((isOthers || isPredefined(network?.name ?? name)) && (IPv4Address || IPv6Address))
    problems.push('user specified IP address is supported on user defined networks only')
  if (isPredefined(network?.name ?? name)) {
    if (wish.Aliases?.length)
      problems.push('network-scoped alias is supported only for containers in user defined networks')
  }
  if (IPv4Address && !isIPv4(IPv4Address)) problems.push(`invalid IPv4 address: ${IPv4Address}`)
  if (IPv6Address && !isIPv6(IPv6Address)) problems.push(`invalid IPv6 address: ${IPv6Address}`)
  for (const address of LinkLocalIPs ?? [])
    if (!parseIp(address)) problems.push(`invalid link-local IP address: ${address}`)
  if (network && IPv4Address) problems.push(...rangeProblems(network, 4, IPv4Address))
  if (network && IPv6Address) problems.push(...rangeProblems(network, 6, IPv6Address))
  return [...problems, ...sysctlProblems(wish)]
}

/**
 * Whether `network` can give a container what `wish` asks for.
 *
 * @throws EngineError `invalid` that names everything wrong
 */
export function checkEndpoint(network: NetworkRecord | undefined, name: string, wish: EndpointSettings): void {
  const problems = problemsOf(network, name, wish)
  if (problems.length === 0) return
  const list = problems.length === 1 ? problems[0] : problems.map(problem => `* ${problem}`).join('\n')
  throw new EngineError('invalid', `invalid endpoint settings:\n${list}`)
}

const isMac = (text: string): boolean =>
  /^([\da-f]{2}([:-])([\da-f]{2}\2){4}[\da-f]{2}|([\da-f]{4}\.){2}[\da-f]{4})$/i.test(text)

/** The same for all networks of a container to be; networks that do not exist are found missing at start. */
export function checkEndpoints(
  state: Pick<NetworkState, 'networks'>,
  endpoints: Readonly<Record<string, EndpointSettings>>,
): void {
  const all = [...state.networks.values()]
  for (const [name, wish] of Object.entries(endpoints)) {
    const mac = wish.MacAddress
    if (mac && !isMac(mac))
      throw new EngineError('invalid', `invalid config for network ${name}: invalid MAC address ${mac}`)
    const network = all.find(candidate => candidate.name === name || candidate.id === name)
    try {
      checkEndpoint(network, name, wish)
    } catch (cause) {
      throw new EngineError('invalid', `invalid config for network ${name}: ${(cause as Error).message}`, { cause })
    }
  }
}
