import { openSync } from 'node:fs'
import { EngineError, isEngineError } from '../base/errors.ts'
import { closeNetwork } from '../kernel/namespace.ts'
import type { EndpointSettings } from '../spec/engine-api/network.ts'
import { dnsNames, emitEndpoint } from './attach.ts'
import { announceDns } from './dns-names.ts'
import { syncEgress } from './egress/plan.ts'
import { planEndpoint, releaseEndpoint, setGateways, unwireEndpoint, wireEndpoint } from './endpoint.ts'
import { checkEndpoint } from './endpoint-check.ts'
import { addToHosts, dropFromHosts, turnToEmbeddedDns } from './live-files.ts'
import type { NetworkRecord, SandboxRecord } from './record.ts'
import { republish } from './republish.ts'
import { type ContainerView, findNetwork, type NetworkState } from './state.ts'

const isShared = (mode: string): boolean => mode.startsWith('container:') || mode === 'host' || mode === 'none'

export async function connect(state: NetworkState, id: string, target: string, wish: EndpointSettings): Promise<void> {
  const network = findNetwork(state, id)
  const container = findContainer(state, target)
  using _lock = await state.locks.acquire(container.id)
  checkConnect(network, container, wish)
  const sandbox = container.running ? state.sandboxes.get(container.id) : undefined
  const settings = sandbox ? await join(state, network, sandbox, container, wish) : { ...wish, NetworkID: network.id }
  state.containers.saveEndpoint(container.id, network.name, settings)
}

function checkConnect(network: NetworkRecord, container: ContainerView, wish: EndpointSettings): void {
  if (network.driver === 'host')
    throw new EngineError(
      'invalid',
      'cannot connect container to host network - container must be created in host network mode',
    )
  if (network.driver === 'null')
    throw new EngineError(
      'invalid',
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    )
  if (isShared(container.networkMode))
    throw new EngineError(
      'invalid',
      'container sharing network namespace with another container or host cannot be connected to any other network',
    )
  checkEndpoint(network, network.name, wish)
  if (network.name in container.endpoints)
    throw new EngineError('forbidden', `endpoint with name ${container.name} already exists in network ${network.name}`)
}

const publishes = ({ wishes: { publishAllPorts, portBindings } }: SandboxRecord): boolean =>
  publishAllPorts || Object.keys(portBindings).length > 0

const openNamespace = (pid: number): number => openSync(`/proc/${pid}/ns/net`, 'r')

async function join(
  state: NetworkState,
  network: NetworkRecord,
  sandbox: SandboxRecord,
  container: ContainerView,
  wish: EndpointSettings,
): Promise<EndpointSettings> {
  const namespace = openNamespace(container.pid)
  using undo = new DisposableStack()
  try {
    const taken = new Set(sandbox.endpoints.map(({ ifname }) => ifname))
    let index = 0
    while (taken.has(`eth${index}`)) index++
    const endpoint = planEndpoint(
      state,
      network,
      wish,
      index,
      dnsNames(container.name, container.id, container.hostname),
    )
    undo.defer(() => releaseEndpoint(state, endpoint))
    const endpoints = [...sandbox.endpoints, endpoint]
    syncEgress(state, { ...sandbox, endpoints })
    undo.defer(() => syncEgress(state))
    wireEndpoint(state, network, endpoint, namespace, publishes(sandbox))
    undo.defer(() => unwireEndpoint(endpoint, namespace))
    setGateways(state, endpoints, namespace)
    undo.defer(() => setGateways(state, sandbox.endpoints, namespace))
    const next = await republish(state, { ...sandbox, endpoints })
    undo.move()
    addToHosts(state, container, endpoint)
    turnToEmbeddedDns(state, container, sandbox, next)
    emitEndpoint(state, 'connect', container.id, endpoint)
    announceDns(state, [network.id])
    return endpoint.settings
  } finally {
    closeNetwork(namespace)
  }
}

function findContainer(state: NetworkState, target: string): ContainerView {
  if (!target) throw new EngineError('invalid', 'invalid name or ID supplied: ""')
  return state.containers.find(target)
}

/** By force, an endpoint may go whose container is gone; we keep none of those. */
function findForDisconnect(state: NetworkState, target: string, force: boolean): ContainerView {
  try {
    return findContainer(state, target)
  } catch (cause) {
    if (!force || !isEngineError(cause, 'not-found')) throw cause
    throw new EngineError('not-found', `endpoint ${target} not found`, { cause })
  }
}

export async function disconnect(state: NetworkState, id: string, target: string, force: boolean): Promise<void> {
  const network = findNetwork(state, id)
  const container = findForDisconnect(state, target, force)
  using _lock = await state.locks.acquire(container.id)
  if (network.driver === 'host' && container.networkMode === 'host')
    throw new EngineError(
      'forbidden',
      'container cannot be disconnected from host network or connected to host network',
    )
  if (!container.running) {
    if (!(network.name in container.endpoints) && !force)
      throw new EngineError('internal', `container ${container.id} is not connected to the network ${network.name}`)
    return state.containers.saveEndpoint(container.id, network.name, undefined)
  }
  const sandbox = state.sandboxes.get(container.id)
  if (!sandbox?.endpoints.some(({ networkId }) => networkId === network.id))
    throw new EngineError('internal', `container ${container.id} is not connected to network ${network.name}`)
  // the wish first: after a crash in the middle the next start goes on with it
  state.containers.saveEndpoint(container.id, network.name, undefined)
  try {
    await leave(state, network.id, sandbox, container)
  } catch (error) {
    state.containers.saveEndpoint(container.id, network.name, container.endpoints[network.name])
    throw error
  }
}

/** Networks that the container's record does not have: a connect that a crash cut off, or a disconnect. */
export async function leaveUnwanted(state: NetworkState, containerId: string, pid: number): Promise<void> {
  const container = { ...state.containers.find(containerId), pid }
  const wanted = new Set(Object.keys(container.endpoints).map(key => findNetwork(state, key).id))
  for (const { networkId } of state.sandboxes.get(containerId)?.endpoints ?? [])
    if (!wanted.has(networkId)) await leave(state, networkId, state.sandboxes.get(containerId)!, container)
}

async function leave(
  state: NetworkState,
  network: string,
  sandbox: SandboxRecord,
  container: ContainerView,
): Promise<void> {
  const gone = sandbox.endpoints.find(({ networkId }) => networkId === network)!
  const endpoints = sandbox.endpoints.filter(endpoint => endpoint !== gone)
  const namespace = openNamespace(container.pid)
  try {
    unwireEndpoint(gone, namespace)
    setGateways(state, endpoints, namespace)
  } finally {
    closeNetwork(namespace)
  }
  await republish(state, { ...sandbox, endpoints })
  if (sandbox.egress?.list !== undefined) syncEgress(state)
  releaseEndpoint(state, gone)
  dropFromHosts(state, container, gone)
  emitEndpoint(state, 'disconnect', container.id, gone)
  for (const listener of state.dnsListeners) listener(container.id)
  announceDns(state, [network], container.id)
}
