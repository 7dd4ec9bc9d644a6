import { closeSync } from 'node:fs'
import type { Database, Table } from '../base/database.ts'
import { EngineError } from '../base/errors.ts'
import { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import { Rtnetlink } from '../kernel/rtnetlink.ts'
import { bindSocket } from '../kernel/socket.ts'
import type { EndpointSettings, PortMap } from '../spec/engine-api/network.ts'
import { AddressPool } from './address-pool.ts'
import { Egress } from './egress/egress.ts'
import { logOfAddress } from './egress/plan.ts'
import { Firewall } from './firewall.ts'
import type { HostPorts } from './host-ports.ts'
import { openHostPorts } from './host-ports.ts'
import { linkElements } from './links.ts'
import type { NetworkRecord, PublishedPort, SandboxRecord } from './record.ts'
import { openReentry } from './reentry.ts'
import { isProxied } from './republish.ts'
import type { DefaultPool } from './subnets.ts'

/** Settings of the engine's networks; the names of daemon.json in camel case. */
export interface NetworkConfig {
  /** name of the default bridge, `docker0` in Docker; `none` for no default bridge */
  readonly bridge: string
  readonly bip?: string | undefined
  readonly fixedCidr?: string | undefined
  readonly defaultGateway?: string | undefined
  /** of the default bridge, as the three above */
  readonly ipv6?: boolean
  readonly bip6?: string | undefined
  readonly fixedCidrV6?: string | undefined
  readonly defaultGatewayV6?: string | undefined
  /** driver → options of new networks that do not say */
  readonly defaultNetworkOptions?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly defaultAddressPools: readonly DefaultPool[]
  readonly mtu: number
  readonly icc: boolean
  readonly ipMasq: boolean
  readonly ipForward: boolean
  /** host address of published ports that name none */
  readonly ip: string
  readonly hostGatewayIps: readonly string[]
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  /** name of our table in nftables: unique among the engines of one host */
  readonly table: string
  /** published ports obey the host's input rules; false: they go past them, as in Docker */
  readonly obeyInputRules: boolean
  /** listeners for published ports where the kernel cannot translate */
  readonly userlandProxy: boolean
}

export const defaultNetworkConfig: NetworkConfig = {
  bridge: 'berth0',
  defaultAddressPools: [],
  mtu: 1500,
  icc: true,
  ipMasq: true,
  ipForward: true,
  ip: '0.0.0.0',
  hostGatewayIps: [],
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  table: 'berth',
  obeyInputRules: true,
  userlandProxy: true,
}

/** A container as networks see it. */
export interface ContainerView {
  readonly id: string
  /** without the slash */
  readonly name: string
  readonly running: boolean
  readonly pid: number
  readonly networkMode: string
  readonly hostname: string
  readonly domainname: string
  /** paths of what is mounted in it under /etc */
  readonly files: { readonly hosts: string; readonly resolvConf: string }
  /** network name → wishes, or what it got */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
}

export interface NetworkContainers {
  /** @throws EngineError `not-found` */
  find(idOrName: string): ContainerView
  /** Keeps what connect or disconnect (undefined) changed; durable when it returns. */
  saveEndpoint(id: string, network: string, settings: EndpointSettings | undefined): void
  /** Keeps what is published now of a running container. */
  savePorts(id: string, ports: PortMap): void
}

/** Listeners for published ports that the kernel cannot translate; they outlive the engine. */
export interface Proxies {
  /** @throws Error EADDRINUSE; what the container had and is not in `ports` is closed to new connections */
  set(containerId: string, ports: readonly PublishedPort[]): Promise<void>
}

export interface NetworkDeps {
  readonly db: Database
  readonly execRoot: string
  readonly log: Log
  readonly emit: (action: string, id: string, attributes: Readonly<Record<string, string>>) => void
  readonly config: NetworkConfig
  readonly containers: NetworkContainers
  readonly proxies: Proxies
}

/** What all verbs of networks share. */
export interface NetworkState extends NetworkDeps {
  readonly networks: Table<NetworkRecord>
  readonly sandboxes: Table<SandboxRecord>
  /** network id → its subnets' addresses */
  readonly pools: Map<string, AddressPool[]>
  /** name of a bridge or parent → the network that we made it for; these alone are ours to delete */
  readonly madeLinks: Table<{ readonly networkId: string }>
  /** network id → index of its bridge */
  readonly bridges: Map<string, number>
  /** container id → namespace held until its process has it */
  readonly namespaces: Map<string, number>
  readonly hostPorts: HostPorts
  readonly firewall: Firewall
  readonly egress: Egress
  readonly egressTable: string
  readonly links: Rtnetlink
  readonly locks: KeyedMutex
  /** whether published ports get listeners on IPv6 */
  readonly canProxy: () => boolean
  readonly dnsListeners: Set<(containerId: string) => void>
}

export function openState(deps: NetworkDeps): NetworkState {
  const { db, config, log } = deps
  const links = new Rtnetlink()
  const canProxy = once(() => config.userlandProxy && canListen('::1'))
  const { table } = config
  const openWay = () => (config.obeyInputRules ? openReentry(links, table, log) : undefined)
  const sandboxes = db.table<SandboxRecord>('sandboxes')
  const egressTable = `${table}-egress`
  return {
    ...deps,
    networks: db.table<NetworkRecord>('networks'),
    sandboxes,
    madeLinks: db.table('links'),
    pools: new Map(),
    bridges: new Map(),
    namespaces: new Map(),
    hostPorts: openHostPorts(port => canProxy() && isProxied(port)),
    firewall: new Firewall({ table, log, openReentry: openWay }),
    egress: new Egress({ table: egressTable, log, logOf: address => logOfAddress(sandboxes.values(), address) }),
    egressTable,
    links,
    locks: new KeyedMutex(),
    canProxy,
    dnsListeners: new Set(),
  }
}

const once = <T>(body: () => T): (() => T) => {
  let known: { readonly value: T } | undefined
  return () => (known ??= { value: body() }).value
}

function canListen(address: string): boolean {
  try {
    closeSync(bindSocket('tcp', address, 0))
    return true
  } catch {
    return false
  }
}

export function poolsOf(state: NetworkState, network: NetworkRecord): AddressPool[] {
  const known = state.pools.get(network.id)
  if (known) return known
  const pools = network.ipam.map(config => new AddressPool(config))
  state.pools.set(network.id, pools)
  return pools
}

export const allPorts = (state: NetworkState): PublishedPort[] =>
  [...state.sandboxes.values()].flatMap(({ ports }) => ports)

export const resetFirewall = (state: NetworkState): void =>
  state.firewall.reset(
    [...state.networks.values()],
    allPorts(state),
    [...state.sandboxes.values()].flatMap(sandbox => linkElements(state, sandbox)),
  )

/**
 * The network of that full id, exact name or unique id prefix.
 *
 * @throws EngineError `not-found`, or `invalid` when several match
 */
export function findNetwork(state: Pick<NetworkState, 'networks'>, idOrName: string): NetworkRecord {
  const all = [...state.networks.values()]
  const exact = state.networks.get(idOrName) ?? all.find(({ name }) => name === idOrName)
  if (exact) return exact
  const byPrefix = idOrName ? all.filter(({ id }) => id.startsWith(idOrName)) : []
  if (byPrefix.length > 1)
    throw new EngineError(
      'invalid',
      `network ${idOrName} is ambiguous (${byPrefix.length} matches found based on ID prefix)`,
    )
  if (byPrefix.length === 0) throw new EngineError('not-found', `network ${idOrName} not found`)
  return byPrefix[0]!
}
