import type { DnsConfig } from '../spec/dns-config.ts'
import { resolverLists } from './egress/plan.ts'
import { readHostResolver, upstreamServers } from './files.ts'
import type { SandboxRecord } from './record.ts'
import type { NetworkState } from './state.ts'

const served = (state: NetworkState, networkId: string): boolean => {
  const network = state.networks.get(networkId)
  return network !== undefined && network.name !== 'bridge' && network.driver !== 'host' && network.driver !== 'null'
}

export const hasEmbeddedDns = (state: NetworkState, sandbox: SandboxRecord): boolean =>
  (sandbox.egress?.list !== undefined && sandbox.endpoints.length > 0) ||
  sandbox.endpoints.some(({ networkId }) => served(state, networkId))

/** Everything that this container may resolve: its neighbours on each shared user network, and itself. */
export function toDnsConfig(state: NetworkState, sandbox: SandboxRecord): DnsConfig | undefined {
  if (!hasEmbeddedDns(state, sandbox)) return undefined
  const names: Record<string, string[]> = Object.create(null)
  const reverse: Record<string, string> = {}
  const add = (name: string, addresses: readonly string[]) => {
    const key = name.toLowerCase()
    names[key] = [...new Set([...(names[key] ?? []), ...addresses])]
  }
  const own = sandbox.endpoints.filter(({ networkId }) => served(state, networkId))
  for (const { networkId, networkName, settings } of own) {
    for (const { endpoint, sandbox: other } of onNetwork(state, networkId)) {
      const { IPAddress, GlobalIPv6Address, DNSNames } = endpoint.settings
      const addresses = [IPAddress, GlobalIPv6Address].filter(
        address => address !== undefined && address !== '',
      ) as string[]
      for (const name of DNSNames ?? []) for (const full of [name, `${name}.${networkName}`]) add(full, addresses)
      for (const address of addresses) reverse[address] = `${other.name}.${networkName}`
    }
    // links are private aliases: `name:alias`
    for (const [target = '', alias = ''] of (settings.Links ?? []).map(link => link.split(':'))) {
      const found = names[`${target.toLowerCase()}.${networkName.toLowerCase()}`] ?? names[target.toLowerCase()]
      if (found && alias) for (const full of [alias, `${alias}.${networkName}`]) add(full, found)
    }
  }
  const internal = sandbox.endpoints.every(({ networkId }) => state.networks.get(networkId)?.internal)
  const host = readHostResolver()
  const egress = resolverLists(state, sandbox)
  const request = { dns: sandbox.dns, dnsSearch: [], dnsOptions: [], embedded: true, ipv6: true }
  return {
    names,
    reverse,
    upstreams: upstreamServers(request, host),
    // what a container with a list may not ask itself, its resolver asks from outside
    upstreamsInside: sandbox.dns.length > 0 && !egress,
    internal,
    egress,
  }
}

export function onNetwork(state: NetworkState, networkId: string) {
  return [...state.sandboxes.values()].flatMap(sandbox => {
    const endpoint = sandbox.endpoints.find(candidate => candidate.networkId === networkId)
    return endpoint ? [{ sandbox, endpoint }] : []
  })
}

/** Tells listeners of everyone who shares a network with `networkIds`, but for `except`. */
export function announceDns(state: NetworkState, networkIds: readonly string[], except?: string): void {
  const ids = new Set(
    networkIds
      .filter(id => served(state, id))
      .flatMap(id => onNetwork(state, id).map(({ sandbox }) => sandbox.containerId)),
  )
  for (const id of ids) if (id !== except) for (const listener of state.dnsListeners) listener(id)
}
