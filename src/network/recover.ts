import { messageOf } from '../base/errors.ts'
import { deleteLink } from '../kernel/rtnetlink.ts'
import { detach, started } from './attach.ts'
import { dropStrayBridges, ensureBridge } from './bridge.ts'
import { leaveUnwanted } from './connect.ts'
import { syncEgress } from './egress/plan.ts'
import { reclaimEndpoint } from './endpoint.ts'
import { ensureParent, hasParent } from './parent.ts'
import type { NetworkRecord, PublishedPort, SandboxRecord } from './record.ts'
import { isProxied } from './republish.ts'
import { type NetworkState, resetFirewall } from './state.ts'

/** Kernel and memory again as the records say, without what belongs to dead containers. */
export async function recover(state: NetworkState, alive: ReadonlyMap<string, number>): Promise<void> {
  dropStrayBridges(state)
  for (const network of state.networks.values()) if (network.driver === 'bridge') ensureBridge(state, network)
  for (const network of state.networks.values()) if (hasParent(network)) restoreParent(state, network)
  for (const sandbox of [...state.sandboxes.values()]) {
    for (const endpoint of sandbox.endpoints) reclaimEndpoint(state, endpoint)
    const pid = alive.get(sandbox.containerId)
    if (pid === undefined) await detach(state, sandbox.containerId)
    else {
      started(state, sandbox.containerId, pid)
      for (const port of sandbox.ports) hold(state, port)
      await reopenProxies(state, sandbox)
    }
  }
  dropStrayLinks(state)
  resetFirewall(state)
  for (const { containerId, pid } of [...state.sandboxes.values()])
    await leaveUnwanted(state, containerId, pid).catch(error =>
      state.log.warn('cannot finish what a crash cut off', { id: containerId, error: messageOf(error) }),
    )
  syncEgress(state)
}

/** The link below may have gone with the hardware: then the network waits for it. */
function restoreParent(state: NetworkState, network: NetworkRecord): void {
  try {
    ensureParent(state, network)
  } catch (error) {
    state.log.warn('parent link of a network is not there', { network: network.name, error: messageOf(error) })
  }
}

function hold(state: NetworkState, port: PublishedPort): void {
  try {
    state.hostPorts.adopt(port)
  } catch (error) {
    const { hostIp, hostPort } = port
    state.log.warn('cannot hold a published port', { hostIp, hostPort, error: messageOf(error) })
  }
}

/** They live in the supervisor, unless that died too; a crash may have left more there than the record says. */
async function reopenProxies(state: NetworkState, { containerId, ports }: SandboxRecord): Promise<void> {
  if (!state.canProxy()) return
  try {
    await state.proxies.set(containerId, ports.filter(isProxied))
  } catch (error) {
    state.log.warn('published ports are not served by IPv6', { id: containerId, error: messageOf(error) })
  }
}

/** Ports of our bridges that no record knows: left by a crash in the middle of `attach`. */
function dropStrayLinks(state: NetworkState): void {
  const known = new Set([...state.sandboxes.values()].flatMap(({ endpoints }) => endpoints.map(({ veth }) => veth)))
  const bridges = new Set(state.bridges.values())
  const stray = state.links
    .links()
    .filter(
      ({ kind, master, name }) => kind === 'veth' && master !== undefined && bridges.has(master) && !known.has(name),
    )
  state.links.change(stray.map(({ index }) => deleteLink(index)))
}
