import { parseDuration } from '../base/duration.ts'
import { EngineError } from '../base/errors.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import { removeBridge } from './bridge.ts'
import { onNetwork } from './dns-names.ts'
import { egressLabel } from './egress/parse.ts'
import { syncEgress } from './egress/plan.ts'
import { hasParent, removeParent } from './parent.ts'
import { isPredefined, type NetworkRecord } from './record.ts'
import { findNetwork, type NetworkState } from './state.ts'
import { checkFilters, isDangling, matchesLabel } from './view.ts'

export async function removeNetwork(state: NetworkState, id: string): Promise<void> {
  const network = findNetwork(state, id)
  if (isPredefined(network.name))
    throw new EngineError('forbidden', `${network.name} is a pre-defined network and cannot be removed`)
  const users = onNetwork(state, network.id).map(
    ({ sandbox, endpoint }) => `name:"${sandbox.name}" id:"${endpoint.settings.EndpointID!.slice(0, 12)}"`,
  )
  if (users.length)
    throw new EngineError(
      'forbidden',
      `error while removing network: network ${network.name} has active endpoints (${users.join(', ')})`,
    )
  const isTemplate = [...state.networks.values()].some(({ configFrom }) => configFrom === network.name)
  if (network.configOnly && isTemplate)
    throw new EngineError(
      'forbidden',
      `error while removing network: configuration network "${network.name}" is in use`,
    )
  drop(state, network)
  state.emit('destroy', network.id, { name: network.name, type: network.driver })
}

function drop(state: NetworkState, network: NetworkRecord): void {
  state.networks.delete(network.id)
  state.pools.delete(network.id)
  if (hasParent(network)) removeParent(state, network)
  if (network.driver !== 'bridge') return
  removeBridge(state, network)
  state.firewall.removeNetwork(network)
  if (egressLabel in network.labels) syncEgress(state)
}

export async function pruneNetworks(state: NetworkState, filters: Filters): Promise<readonly string[] | null> {
  checkFilters(filters, ['until', 'label', 'label!'])
  const before = untilOf(filters)
  const unused = [...state.networks.values()].filter(
    network =>
      isDangling(state, network) &&
      Date.parse(network.created) <= before &&
      (filters.get('label') ?? []).every(label => matchesLabel(network.labels, label)) &&
      !(filters.get('label!') ?? []).some(label => matchesLabel(network.labels, label)),
  )
  for (const network of unused) await removeNetwork(state, network.id)
  state.emit('prune', '', { reclaimed: '0' })
  return unused.length ? unused.map(({ name }) => name) : null
}

/** The moment that `until` names, a time stamp or a duration before now. */
function untilOf(filters: Filters): number {
  const values = filters.get('until') ?? []
  if (values.length > 1) throw new EngineError('invalid', 'more than one until filter specified')
  const [text] = values
  if (text === undefined) return Number.POSITIVE_INFINITY
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const moment = Date.parse(text)
  return Number.isNaN(moment) ? Date.now() - Number(parseDuration(text)) / 1e6 : moment
}
