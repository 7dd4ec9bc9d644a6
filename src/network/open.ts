import type { NetworkVerbs } from '../spec/engine-api/engine.ts'
import { attach, detach, started } from './attach.ts'
import { connect, disconnect } from './connect.ts'
import { createNetworkVerb } from './create.ts'
import { ensureDefaults } from './defaults.ts'
import { toDnsConfig } from './dns-names.ts'
import { checkEndpoints } from './endpoint-check.ts'
import { updateLinks } from './links.ts'
import type { ContainerNetworks } from './networks.ts'
import { recover } from './recover.ts'
import { pruneNetworks, removeNetwork } from './remove.ts'
import { changePorts } from './republish.ts'
import { findNetwork, type NetworkDeps, openState } from './state.ts'
import { containersOf, toPredicate, toView } from './view.ts'

/** The engine's networks. Call `containers.recover` before anything else: it makes bridges and firewall. */
export function openNetworks(deps: NetworkDeps): {
  readonly containers: ContainerNetworks
  readonly verbs: NetworkVerbs
} {
  const state = openState(deps)
  ensureDefaults(state)
  const containers: ContainerNetworks = {
    check: endpoints => checkEndpoints(state, endpoints),
    attach: request => attach(state, request),
    started: (id, pid) => started(state, id, pid),
    publish: (id, portBindings) => changePorts(state, id, portBindings),
    updateLinks: (id, links) => updateLinks(state, id, links),
    detach: id => detach(state, id),
    recover: alive => recover(state, alive),
    dnsOf: id => {
      const sandbox = state.sandboxes.get(id)
      return sandbox && toDnsConfig(state, sandbox)
    },
    onDnsChange: callback => void state.dnsListeners.add(callback),
  }
  const verbs: NetworkVerbs = {
    create: request => createNetworkVerb(state, request),
    list: async filters => {
      const all = [...state.networks.values()].sort((a, b) => (a.created < b.created ? -1 : 1))
      return all.filter(toPredicate(state, filters)).map(toView)
    },
    inspect: async id => {
      const network = findNetwork(state, id)
      return { ...toView(network), Containers: containersOf(state, network) }
    },
    remove: id => removeNetwork(state, id),
    connect: (id, container, endpoint) => connect(state, id, container, endpoint),
    disconnect: (id, container, force) => disconnect(state, id, container, force),
    prune: filters => pruneNetworks(state, filters),
  }
  return { containers, verbs }
}
