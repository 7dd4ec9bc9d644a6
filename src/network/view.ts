import { EngineError } from '../base/errors.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import type { IPAMConfig, Network, NetworkContainer } from '../spec/engine-api/network.ts'
import { onNetwork } from './dns-names.ts'
import { isPredefined, type NetworkRecord } from './record.ts'
import type { NetworkState } from './state.ts'

/** A network as inspect shows it, without containers. */
export function toView(network: NetworkRecord): Network {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: network.enableIPv4,
    EnableIPv6: network.enableIPv6,
    IPAM: {
      Driver: network.ipamDriver,
      Options: network.ipamOptions,
      Config: network.ipam.length ? network.ipam.map(config => toConfig(asUserSaid(network, config))) : null,
    } as unknown as NonNullable<Network['IPAM']>, // Go's nil maps and slices are null on the wire
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: network.configFrom },
    ConfigOnly: network.configOnly,
    Containers: {},
    Options: network.options,
    Labels: network.labels,
  }
}

const toConfig = ({ Subnet, IPRange, Gateway, AuxiliaryAddresses }: IPAMConfig): IPAMConfig => ({
  Subnet,
  ...(IPRange ? { IPRange } : {}),
  ...(Gateway ? { Gateway } : {}),
  ...(AuxiliaryAddresses && Object.keys(AuxiliaryAddresses).length ? { AuxiliaryAddresses } : {}),
})

export function containersOf(state: NetworkState, network: NetworkRecord): Record<string, NetworkContainer> {
  const entries = onNetwork(state, network.id).map(
    ({ sandbox, endpoint: { settings } }): [string, NetworkContainer] => [
      sandbox.containerId,
      {
        Name: sandbox.name,
        EndpointID: settings.EndpointID,
        MacAddress: settings.MacAddress,
        IPv4Address: settings.IPAddress ? `${settings.IPAddress}/${settings.IPPrefixLen}` : '',
        IPv6Address: settings.GlobalIPv6Address ? `${settings.GlobalIPv6Address}/${settings.GlobalIPv6PrefixLen}` : '',
      },
    ],
  )
  return Object.fromEntries(entries)
}

/** A gateway that the user does not name is not shown. */
function asUserSaid({ ownGateways }: NetworkRecord, { Gateway, ...config }: IPAMConfig): IPAMConfig {
  return Gateway && !ownGateways?.includes(config.Subnet!) ? { ...config, Gateway } : config
}

const booleans: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false }
const listKeys = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type', 'idOrName']

export function checkFilters(filters: Filters, keys: readonly string[]): void {
  for (const key of filters.keys()) if (!keys.includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
}

export function matchesLabel(labels: Readonly<Record<string, string>>, wish: string): boolean {
  const at = wish.indexOf('=')
  return at < 0 ? wish in labels : labels[wish.slice(0, at)] === wish.slice(at + 1)
}

/** Whether `network` passes every filter of a list call. */
export function toPredicate(state: NetworkState, filters: Filters): (network: NetworkRecord) => boolean {
  checkFilters(filters, listKeys)
  const [dangling] = filters.get('dangling') ?? []
  if (dangling !== undefined && !(dangling in booleans))
    throw new EngineError(
      'invalid',
      `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`,
    )
  for (const type of filters.get('type') ?? [])
    if (type !== 'builtin' && type !== 'custom') throw new EngineError('internal', `invalid filter: 'type'='${type}'`)
  const some = (key: string, test: (value: string) => boolean) => filters.get(key)?.some(test) ?? true
  return network =>
    some('name', value => network.name.includes(value)) &&
    some('id', value => network.id.startsWith(value)) &&
    some('driver', value => network.driver === value) &&
    some('scope', value => value === 'local') &&
    some('type', value => (value === 'builtin') === isPredefined(network.name)) &&
    (filters.get('label') ?? []).every(value => matchesLabel(network.labels, value)) &&
    (dangling === undefined || isDangling(state, network) === booleans[dangling])
}

export const isDangling = (state: NetworkState, network: NetworkRecord): boolean =>
  !isPredefined(network.name) && onNetwork(state, network.id).length === 0
