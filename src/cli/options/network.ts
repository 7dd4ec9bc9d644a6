import { ExitError } from '../errors.ts'
import { cut, parseCsv } from './csv.ts'

/** One `--network`, before it becomes an endpoint. */
export interface NetworkOption {
  readonly target: string
  readonly aliases: readonly string[]
  readonly links: readonly string[]
  readonly driverOpts: Readonly<Record<string, string>>
  readonly ip: string
  readonly ip6: string
  readonly mac: string
  readonly linkLocal: readonly string[]
  readonly gwPriority: number
}

const plain = (target: string): NetworkOption => ({
  target,
  aliases: [],
  links: [],
  driverOpts: {},
  ip: '',
  ip6: '',
  mac: '',
  linkLocal: [],
  gwPriority: 0,
})

function driverOpt(text: string): Record<string, string> {
  const [key, value] = cut(text)
  if (!key || value === undefined) throw new Error('invalid key value pair format in driver options')
  return { [key.trim().toLowerCase()]: value.trim().toLowerCase() }
}

function withField(option: NetworkOption, field: string): NetworkOption {
  const [rawKey, rawValue] = cut(field)
  if (rawValue === undefined || rawKey === '') throw new Error(`invalid field ${field}`)
  const [key, value] = [rawKey.trim().toLowerCase(), rawValue.trim().toLowerCase()]
  if (key === 'name') return { ...option, target: value }
  if (key === 'alias') return { ...option, aliases: [...option.aliases, value] }
  if (key === 'ip') return { ...option, ip: value }
  if (key === 'ip6') return { ...option, ip6: value }
  if (key === 'mac-address') return { ...option, mac: value }
  if (key === 'link-local-ip') return { ...option, linkLocal: [...option.linkLocal, value] }
  if (key === 'driver-opt') return { ...option, driverOpts: { ...option.driverOpts, ...driverOpt(value) } }
  if (key !== 'gw-priority') throw new Error(`invalid field key ${rawKey}`)
  if (!/^[+-]?\d+$/.test(value))
    throw new Error(`invalid gw-priority (${value}): strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`)
  return { ...option, gwPriority: Number(value) }
}

/** `net` or `name=net,alias=a,ip=10.0.0.2,driver-opt=k=v`. */
export function parseNetwork(text: string): NetworkOption {
  if (!/\w+=\w+(,\w+=\w+)*/.test(text)) return plain(text)
  const option = parseCsv(text).reduce(withField, plain(''))
  if (!option.target) throw new Error('network name/id is not specified')
  return option
}

const isUserDefined = (name: string): boolean =>
  !['default', 'bridge', 'host', 'none', 'container'].includes(name) && !name.startsWith('container:')

export interface ContainerNetworkFlags {
  readonly aliases: readonly string[]
  readonly links: readonly string[]
  readonly ip: string
  readonly ip6: string
  readonly mac: string
  readonly linkLocal: readonly string[]
}

const refuse = (text: string) => new ExitError(125, text)
const both = (flag: string, what: string) =>
  refuse(`conflicting options: cannot specify both ${flag} and per-network ${what}`)

function withContainerFlags(option: NetworkOption, flags: ContainerNetworkFlags): NetworkOption {
  if (option.aliases.length && flags.aliases.length) throw both('--network-alias', 'alias')
  if (option.links.length && flags.links.length) throw both('--link', 'links')
  if (option.ip && flags.ip) throw both('--ip', 'IPv4 address')
  if (option.ip6 && flags.ip6) throw both('--ip6', 'IPv6 address')
  if (option.mac && flags.mac) throw both('--mac-address', 'MAC address')
  if (option.linkLocal.length && flags.linkLocal.length) throw both('--link-local-ip', 'link-local IP addresses')
  return {
    ...option,
    aliases: flags.aliases.length ? flags.aliases : option.aliases,
    links: isUserDefined(option.target) && flags.links.length ? flags.links : option.links,
    ip: flags.ip || option.ip,
    ip6: flags.ip6 || option.ip6,
    mac: flags.mac || option.mac,
    linkLocal: flags.linkLocal.length ? flags.linkLocal : option.linkLocal,
  }
}

export function checkMac(mac: string): string {
  if (mac === '' || /^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$|^([0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}$/.test(mac))
    return mac
  throw refuse(`${mac} is not a valid mac address`)
}

/** What the API calls EndpointSettings, every field of it. */
export const endpointSettings = (option: Omit<NetworkOption, 'target'>): object => {
  const ipam = {
    ...(option.ip ? { IPv4Address: option.ip } : {}),
    ...(option.ip6 ? { IPv6Address: option.ip6 } : {}),
    ...(option.linkLocal.length ? { LinkLocalIPs: option.linkLocal } : {}),
  }
  return {
    IPAMConfig: Object.keys(ipam).length ? ipam : null,
    Links: option.links.length ? option.links : null,
    Aliases: option.aliases.length ? option.aliases : null,
    MacAddress: checkMac(option.mac),
    DriverOpts: Object.keys(option.driverOpts).length ? option.driverOpts : null,
    GwPriority: option.gwPriority,
    NetworkID: '',
    EndpointID: '',
    Gateway: '',
    IPAddress: '',
    IPPrefixLen: 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: null,
  }
}

function checkScope({ aliases, links, target }: NetworkOption): void {
  if (target.trim() === '') throw refuse('no name set for network')
  if (isUserDefined(target)) return
  if (aliases.length) throw refuse('network-scoped aliases are only supported for user-defined networks')
  if (links.length) throw refuse('links are only supported for user-defined networks')
}

/** The first network's name, and the endpoints of all. */
export function toEndpoints(
  words: readonly string[],
  flags: ContainerNetworkFlags,
): { readonly mode: string; readonly endpoints: Readonly<Record<string, object>> } {
  const given = (words.length ? words : ['default']).map(parseNetwork)
  const options = given.map((option, at) => (at === 0 ? withContainerFlags(option, flags) : option))
  const endpoints: Record<string, object> = {}
  const seen = new Set<string>()
  for (const option of options) {
    checkScope(option)
    if (seen.has(option.target)) throw refuse(`network ${JSON.stringify(option.target)} is specified multiple times`)
    seen.add(option.target)
    const isPlain = words.length === 1 && JSON.stringify({ ...option, target: '' }) === JSON.stringify(plain(''))
    if (!isPlain) endpoints[option.target] = endpointSettings(option)
  }
  const kinds = new Set(options.map(({ target }) => isUserDefined(target)))
  if (kinds.size > 1)
    throw refuse('conflicting options: cannot attach both user-defined and non-user-defined network-modes')
  return { mode: options[0]!.target, endpoints }
}
