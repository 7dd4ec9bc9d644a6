import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, ignoring, messageOf } from '../base/errors.ts'
import { closeNetwork, createNetwork, inNetwork } from '../kernel/namespace.ts'
import { deleteLink, Rtnetlink, setLink } from '../kernel/rtnetlink.ts'
import type { EndpointSettings } from '../spec/engine-api/network.ts'
import { announceDns, hasEmbeddedDns, toDnsConfig } from './dns-names.ts'
import { egressLabel } from './egress/parse.ts'
import { syncEgress } from './egress/plan.ts'
import { byPriority, planEndpoint, releaseEndpoint, setGateways, wireEndpoint } from './endpoint.ts'
import { extraHostLines, formatHosts, formatResolvConf, readHostResolver } from './files.ts'
import { linkElements } from './links.ts'
import type { Sandbox, SandboxRequest } from './networks.ts'
import { reservePorts, toPortMap } from './publish.ts'
import type { EndpointRecord, NetworkRecord, PublishedPort, SandboxRecord } from './record.ts'
import { isProxied } from './republish.ts'
import { findNetwork, type NetworkState } from './state.ts'

/** Makes everything that `request` asks for, or nothing. */
export async function attach(state: NetworkState, request: SandboxRequest): Promise<Sandbox> {
  if ('host' in request.endpoints) return hostSandbox(state, request)
  using undo = new DisposableStack()
  const namespace = request.namespace ?? createNetwork()
  undo.defer(() => closeNetwork(namespace))
  await detach(state, request.containerId)
  const endpoints = wireAll(state, request, namespace, undo)
  const { containerId, name, exposedPorts, portBindings, publishAllPorts } = request
  const wishes = { exposedPorts, portBindings, publishAllPorts }
  const ports = reservePorts(state, name, wishes, endpoints)
  undo.defer(() => state.hostPorts.release(ports))
  state.firewall.publish(ports)
  undo.defer(() => state.firewall.unpublish(ports))
  const record: SandboxRecord = {
    containerId,
    name,
    pid: 0,
    endpoints,
    wishes,
    ports,
    ...dnsOf(state, request),
    egress: request.egress,
    links: request.links,
  }
  // before listeners open in the supervisor, which would outlive a crash; a power cut ends the container too
  state.sandboxes.put(containerId, record, { durable: false })
  undo.defer(() => state.sandboxes.delete(containerId, { durable: false }))
  await openProxies(state, containerId, ports)
  if (ports.some(isProxied)) undo.defer(() => void state.proxies.set(containerId, []).catch(() => {}))
  state.firewall.change(linkElements(state, record), [])
  undo.defer(() => state.firewall.change([], linkElements(state, record)))
  syncEgress(state, record)
  undo.defer(() => syncEgress(state))
  undo.move()
  state.namespaces.set(containerId, namespace)
  announceDns(
    state,
    endpoints.map(({ networkId }) => networkId),
    containerId,
  )
  return toSandbox(state, request, record, namespace)
}

/** What the container says of names, else what the engine's settings say. */
const dnsOf = ({ config }: NetworkState, { dns, dnsSearch, dnsOptions }: SandboxRequest) => ({
  dns: dns.length ? dns : config.dns,
  dnsSearch: dnsSearch.length ? dnsSearch : config.dnsSearch,
  dnsOptions: dnsOptions.length ? dnsOptions : config.dnsOptions,
})

async function openProxies(state: NetworkState, id: string, ports: readonly PublishedPort[]): Promise<void> {
  const proxied = ports.filter(isProxied)
  if (proxied.length && state.canProxy()) await state.proxies.set(id, proxied)
}

export function emitEndpoint(
  state: NetworkState,
  action: string,
  containerId: string,
  { networkId, networkName }: EndpointRecord,
): void {
  const type = state.networks.get(networkId)?.driver ?? ''
  state.emit(action, networkId, { container: containerId, name: networkName, type })
}

/** The names under which neighbours find a container. */
export const dnsNames = (name: string, id: string, hostname: string): string[] => [
  name,
  id.slice(0, 12),
  ...(hostname ? [hostname] : []),
]

function wireAll(
  state: NetworkState,
  request: SandboxRequest,
  namespace: number,
  undo: DisposableStack,
): EndpointRecord[] {
  const wishes = Object.entries(request.endpoints)
    .map(([key, wish]) => ({ network: findNetwork(state, key), wish }))
    .filter(({ network }) => !refusesEndpoints(network) && network.driver !== 'null')
    .sort((a, b) => byPriority(asRecord(a.network, a.wish), asRecord(b.network, b.wish)))
  if (wishes.length === 0) loopbackOnly(namespace)
  const names = dnsNames(request.name, request.containerId, request.hostname)
  const publishes = request.publishAllPorts || Object.keys(request.portBindings).length > 0
  const done: EndpointRecord[] = []
  for (const { network, wish } of wishes) {
    const endpoint = planEndpoint(state, network, wish, done.length, names)
    undo.defer(() => releaseEndpoint(state, endpoint))
    wireEndpoint(state, network, endpoint, namespace, publishes)
    done.push(endpoint)
  }
  if (done.length) setGateways(state, done, namespace)
  return done
}

function refusesEndpoints({ configOnly }: NetworkRecord): boolean {
  if (configOnly) throw new EngineError('forbidden', 'cannot create endpoint on configuration-only network')
  return false
}

const asRecord = ({ id, name }: NetworkRecord, settings: EndpointSettings): EndpointRecord => ({
  networkId: id,
  networkName: name,
  settings,
  ifname: '',
})

function loopbackOnly(namespace: number): void {
  inNetwork(namespace, () => {
    using inner = new Rtnetlink()
    inner.change([setLink(1, { up: true })])
  })
}

function toSandbox(state: NetworkState, request: SandboxRequest, record: SandboxRecord, namespace: number): Sandbox {
  const { endpoints } = record
  const ipv6 = endpoints.some(({ settings }) => settings.GlobalIPv6Address)
  const addresses = endpoints.flatMap(
    ({ settings }) => [settings.IPAddress, settings.GlobalIPv6Address].filter(Boolean) as string[],
  )
  const resolver = {
    dns: record.dns,
    dnsSearch: record.dnsSearch,
    dnsOptions: record.dnsOptions,
    embedded: hasEmbeddedDns(state, record),
    ipv6,
  }
  return {
    namespacePath: `/proc/${process.pid}/fd/${namespace}`,
    endpoints: Object.fromEntries(endpoints.map(({ networkName, settings }) => [networkName, settings])),
    ports: toPortMap(request.exposedPorts, record.ports),
    hosts: formatHosts({ ...request, addresses, hostGateways: hostGateways(state), ipv6: hasIPv6(request) }),
    resolvConf: formatResolvConf(resolver, readHostResolver()),
    dns: toDnsConfig(state, record),
  }
}

/** Every container has `::1`, unless its user switched IPv6 off. */
const hasIPv6 = ({ sysctls }: SandboxRequest): boolean =>
  existsSync('/proc/net/if_inet6') && sysctls['net.ipv6.conf.all.disable_ipv6'] !== '1'

function hostGateways(state: NetworkState): readonly string[] {
  if (state.config.hostGatewayIps.length) return state.config.hostGatewayIps
  const bridge = [...state.networks.values()].find(({ name }) => name === 'bridge')
  return bridge?.ipam.flatMap(({ Gateway }) => (Gateway ? [Gateway] : [])) ?? []
}

function hostSandbox(state: NetworkState, request: SandboxRequest): Sandbox {
  if (request.egress?.list !== undefined)
    throw new EngineError('invalid', `label ${egressLabel} needs bridge networks, and host is none`)
  const network = findNetwork(state, 'host')
  const read = (path: string) => ignoring(['ENOENT'], () => readFileSync(path, 'utf8')) ?? ''
  const extra = extraHostLines(request.extraHosts, hostGateways(state))
  const settings = { ...request.endpoints.host, NetworkID: network.id }
  const { dns, dnsSearch, dnsOptions } = request
  const hasOwn = dns.length + dnsSearch.length + dnsOptions.length > 0
  const resolver = { dns, dnsSearch, dnsOptions, embedded: false, ipv6: true }
  return {
    namespacePath: `/proc/${process.pid}/ns/net`,
    endpoints: { host: settings },
    ports: {},
    hosts: [read('/etc/hosts').trimEnd(), ...extra, ''].join('\n'),
    resolvConf: hasOwn ? formatResolvConf(resolver, readHostResolver()) : read('/etc/resolv.conf'),
  }
}

export const namespaceLink = (state: Pick<NetworkState, 'execRoot'>, id: string): string =>
  join(state.execRoot, 'netns', id.slice(0, 12))

/** The process has the namespace now: our own hold on it ends. */
export function started(state: NetworkState, containerId: string, pid: number): void {
  const record = state.sandboxes.get(containerId)
  if (record) state.sandboxes.put(containerId, { ...record, pid }, { durable: false })
  const namespace = state.namespaces.get(containerId)
  if (namespace !== undefined) closeNetwork(namespace)
  state.namespaces.delete(containerId)
  const link = namespaceLink(state, containerId)
  mkdirSync(join(state.execRoot, 'netns'), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(`/proc/${pid}/ns/net`, link)
  // of a container that cannot start, only the end is told, as in Docker
  for (const endpoint of record?.endpoints ?? []) emitEndpoint(state, 'connect', containerId, endpoint)
}

export async function detach(state: NetworkState, containerId: string): Promise<void> {
  const namespace = state.namespaces.get(containerId)
  if (namespace !== undefined) closeNetwork(namespace)
  state.namespaces.delete(containerId)
  const record = state.sandboxes.get(containerId)
  if (!record) return
  state.sandboxes.delete(containerId, { durable: false })
  rmSync(namespaceLink(state, containerId), { force: true })
  state.hostPorts.release(record.ports)
  for (const endpoint of record.endpoints) {
    releaseEndpoint(state, endpoint)
    emitEndpoint(state, 'disconnect', containerId, endpoint)
  }
  announceDns(
    state,
    record.endpoints.map(({ networkId }) => networkId),
  )
  dropLinksLater(state, record.endpoints)
  state.firewall.unpublish(record.ports)
  state.firewall.change([], linkElements(state, record))
  if (record.egress?.list !== undefined) syncEgress(state)
  if (record.ports.some(isProxied)) await state.proxies.set(containerId, []).catch(() => {})
}

/** Links die with their namespace; where another container still shares it, they must not keep the address. */
function dropLinksLater(state: NetworkState, endpoints: readonly EndpointRecord[]): void {
  const veths = endpoints.flatMap(({ veth }) => (veth ? [veth] : []))
  const drop = () => {
    try {
      state.links.change(veths.map(deleteLink))
    } catch (error) {
      state.log.warn('cannot delete links of a stopped container', { veths, error: messageOf(error) })
    }
  }
  if (veths.length) setTimeout(drop, 500).unref()
}
