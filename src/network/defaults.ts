import { randomBytes } from 'node:crypto'
import type { IPAMConfig } from '../spec/engine-api/network.ts'
import { planSubnets } from './create.ts'
import { formatCidr, parseCidr } from './ip.ts'
import type { NetworkRecord } from './record.ts'
import type { NetworkState } from './state.ts'

/** Makes bridge, host and none at the first start; their ids stay. */
export function ensureDefaults(state: NetworkState): void {
  const has = (name: string) => [...state.networks.values()].some(network => network.name === name)
  const add = (record: NetworkRecord) => state.networks.put(record.id, record)
  if (!has('none')) add(toDefault('none', 'null'))
  if (!has('host')) add(toDefault('host', 'host'))
  const bridge = [...state.networks.values()].find(({ name }) => name === 'bridge')
  if (!bridge && state.config.bridge !== 'none') add(toDefaultBridge(state))
  if (bridge && !hasContainers(state, bridge)) followSettings(state, bridge)
}

const hasContainers = (state: NetworkState, { id }: NetworkRecord): boolean =>
  [...state.sandboxes.values()].some(({ endpoints }) => endpoints.some(({ networkId }) => networkId === id))

/** The default bridge is what the settings say today, unless containers live on it. */
function followSettings(state: NetworkState, bridge: NetworkRecord): void {
  const { config } = state
  state.networks.delete(bridge.id)
  if (config.bridge === 'none') return
  const fresh = toDefaultBridge(state)
  const { enableIPv6 } = fresh
  const isAsked = config.bip || config.fixedCidr || config.bip6 || config.fixedCidrV6
  const ipam = isAsked || enableIPv6 !== bridge.enableIPv6 ? fresh.ipam : bridge.ipam
  state.networks.put(bridge.id, { ...bridge, ipam, enableIPv6, options: fresh.options })
}

const toDefault = (name: string, driver: string): NetworkRecord => ({
  id: randomBytes(32).toString('hex'),
  name,
  created: new Date().toISOString(),
  driver,
  enableIPv4: true,
  enableIPv6: false,
  internal: false,
  attachable: false,
  configOnly: false,
  configFrom: '',
  options: {},
  labels: {},
  ipamDriver: 'default',
  ipamOptions: null,
  ipam: [],
  userSubnets: false,
})

const familyOf = ({ Subnet }: IPAMConfig): number => parseCidr(Subnet!)!.family

/** An address of the bridge with its subnet, or a subnet of IPv6 alone. */
function wishFor(
  address: string | undefined,
  range: string | undefined,
  gateway: string | undefined,
  gatewayName: string,
): IPAMConfig | undefined {
  const subnet = parseCidr(address || (range?.includes(':') ? range : '') || '')
  if (!subnet) return undefined
  return {
    Subnet: formatCidr(subnet),
    ...(address && { Gateway: address.split('/')[0]! }),
    ...(address && range && { IPRange: range }),
    ...(gateway && { AuxiliaryAddresses: { [gatewayName]: gateway } }),
  }
}

function toDefaultBridge(state: NetworkState): NetworkRecord {
  const { config } = state
  const hasIpv6 = config.ipv6 ?? false
  const wishes = [
    wishFor(config.bip, config.fixedCidr, config.defaultGateway, 'DefaultGatewayIPv4'),
    hasIpv6 ? wishFor(config.bip6, config.fixedCidrV6, config.defaultGatewayV6, 'DefaultGatewayIPv6') : undefined,
  ].filter(wish => wish !== undefined)
  return {
    ...toDefault('bridge', 'bridge'),
    enableIPv6: hasIpv6,
    ipam: planSubnets(state, wishes, true, hasIpv6).sort((a, b) => familyOf(a) - familyOf(b)),
    options: {
      'com.docker.network.bridge.default_bridge': 'true',
      'com.docker.network.bridge.enable_icc': String(config.icc),
      'com.docker.network.bridge.enable_ip_masquerade': String(config.ipMasq),
      'com.docker.network.bridge.host_binding_ipv4': config.ip,
      'com.docker.network.bridge.name': config.bridge,
      'com.docker.network.driver.mtu': String(config.mtu),
    },
  }
}
