import { EngineError } from '../../base/errors.ts'
import type { EgressConfig } from '../../spec/dns-config.ts'
import { bridgeName, type NetworkRecord, type SandboxRecord } from '../record.ts'
import type { NetworkState } from '../state.ts'
import type { EgressPlan } from './egress.ts'
import { egressLabel, parseEgress } from './parse.ts'
import { type EgressList, setOf } from './rules.ts'

const listOf = (network: NetworkRecord | undefined): string | undefined => network?.labels[egressLabel]

/** @throws EngineError `invalid` for a list that says nothing, or of a driver that cannot hold it */
export function checkNetworkList({
  Labels,
  Driver,
}: Readonly<{ Labels?: object | null | undefined; Driver?: string | undefined }>): void {
  const text = (Labels as Readonly<Record<string, string>> | undefined)?.[egressLabel]
  if (text === undefined) return
  parseEgress(text)
  if (Driver && Driver !== 'bridge')
    throw new EngineError('invalid', `label ${egressLabel} needs a bridge: packets of driver "${Driver}" pass us by`)
}

/** @throws EngineError when a container with a list has a way that we do not see */
export function checkContainerList(state: NetworkState, sandbox: SandboxRecord): void {
  if (sandbox.egress?.list === undefined) return
  const other = sandbox.endpoints.find(({ networkId }) => state.networks.get(networkId)?.driver !== 'bridge')
  if (other)
    throw new EngineError('invalid', `label ${egressLabel} needs bridge networks, and ${other.networkName} is none`)
}

const chainOf = (kind: 'c' | 'n', id: string): string => `${kind}_${id.slice(0, 12)}`

const containerList = ({ containerId, egress, endpoints }: SandboxRecord): EgressList => ({
  name: chainOf('c', containerId),
  rules: parseEgress(egress!.list!),
  addresses: endpoints.flatMap(
    ({ settings }) => [settings.IPAddress, settings.GlobalIPv6Address].filter(Boolean) as string[],
  ),
})

const networkList = (network: NetworkRecord): EgressList => ({
  name: chainOf('n', network.id),
  rules: parseEgress(listOf(network)!),
  bridge: bridgeName(network),
})

function planOf(state: NetworkState, pending: SandboxRecord | undefined): EgressPlan {
  const networks = [...state.networks.values()].filter(network => listOf(network) !== undefined)
  const others = [...state.sandboxes.values()].filter(({ containerId }) => containerId !== pending?.containerId)
  const sandboxes = [...others, ...(pending ? [pending] : [])].filter(({ egress }) => egress?.list !== undefined)
  const ids = new Set([
    ...networks.map(({ id }) => id),
    ...sandboxes.flatMap(({ endpoints }) => endpoints.map(({ networkId }) => networkId)),
  ])
  return {
    lists: [...networks.map(networkList), ...sandboxes.map(containerList)],
    bridges: [...ids].flatMap(id => {
      const network = state.networks.get(id)
      return network?.driver === 'bridge' ? [bridgeName(network)] : []
    }),
  }
}

/**
 * Makes the kernel hold the lists of all networks and containers.
 *
 * @param pending a container as it is going to be: its list counts before its link is up
 */
export function syncEgress(state: NetworkState, pending?: SandboxRecord): void {
  if (pending) checkContainerList(state, pending)
  state.egress.set(planOf(state, pending))
}

/** What the resolver of this container lets through; undefined: everything. */
export function resolverLists(state: NetworkState, sandbox: SandboxRecord): EgressConfig | undefined {
  const own = sandbox.egress?.list === undefined ? [] : [containerList(sandbox)]
  const networks = sandbox.endpoints.flatMap(({ networkId }) => {
    const network = state.networks.get(networkId)
    return network && listOf(network) !== undefined ? [networkList(network)] : []
  })
  const lists = [...own, ...networks]
  if (lists.length === 0) return undefined
  return {
    table: state.egressTable,
    log: sandbox.egress?.log,
    lists: lists.map(list => list.rules.flatMap(({ name }, i) => (name ? [{ name, set: setOf(list.name, i) }] : []))),
  }
}

/** Whose refusals are those of this address. */
export const logOfAddress = (sandboxes: Iterable<SandboxRecord>, address: string): string | undefined =>
  [...sandboxes].find(({ endpoints }) =>
    endpoints.some(({ settings }) => settings.IPAddress === address || settings.GlobalIPv6Address === address),
  )?.egress?.log
