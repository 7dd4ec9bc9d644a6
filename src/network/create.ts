import { createHash, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { EngineError } from '../base/errors.ts'
import type { NetworkCreateRequest } from '../spec/engine-api/engine.ts'
import type { IPAMConfig, NetworkCreateResponse } from '../spec/engine-api/network.ts'
import { ensureBridge, removeBridge } from './bridge.ts'
import { egressLabel } from './egress/parse.ts'
import { checkNetworkList, syncEgress } from './egress/plan.ts'
import { readHostResolver } from './files.ts'
import { type Cidr, formatIp, overlaps, parseCidr, parseIp } from './ip.ts'
import { checkIpam } from './ipam-check.ts'
import { checkParent, ensureParent, hasParent } from './parent.ts'
import { bridgeName, isOnBridge, isPredefined, type NetworkRecord } from './record.ts'
import type { NetworkState } from './state.ts'
import { type DefaultPool, dockerPools, pickSubnet } from './subnets.ts'

const drivers = ['bridge', 'macvlan', 'ipvlan']

/** Makes the network; it is durable and its bridge is up when this returns. */
export async function createNetworkVerb(
  state: NetworkState,
  asked: NetworkCreateRequest,
): Promise<NetworkCreateResponse> {
  using _lock = await state.locks.acquire('create')
  const request = withDefaultOptions(state, asked)
  checkRequest(state, request)
  const record = toRecord(state, request)
  checkSubnetCount(record)
  checkBridgeName(state, record)
  if (!record.configOnly) realize(state, record)
  state.networks.put(record.id, record)
  if (egressLabel in record.labels) syncEgress(state)
  state.emit('create', record.id, { name: record.name, type: record.driver })
  return { Id: record.id, Warning: '' }
}

/** The engine's `--default-network-opt` for the driver, where the request does not say. */
function withDefaultOptions({ config }: NetworkState, request: NetworkCreateRequest): NetworkCreateRequest {
  const defaults = config.defaultNetworkOptions?.[request.Driver || 'bridge']
  if (!defaults || request.ConfigFrom?.Network || request.ConfigOnly) return request
  return { ...request, Options: { ...defaults, ...request.Options } }
}

function realize(state: NetworkState, record: NetworkRecord): void {
  if (hasParent(record)) ensureParent(state, record)
  if (record.driver !== 'bridge') return
  try {
    ensureBridge(state, record)
    state.firewall.addNetwork(record)
  } catch (error) {
    removeBridge(state, record)
    throw error
  }
}

function checkRequest(state: NetworkState, request: NetworkCreateRequest): void {
  const { Name: name = '', Driver: driver = 'bridge' } = request
  if (!name.trim()) throw new EngineError('invalid', 'invalid name: name is empty')
  if (isPredefined(name) || name === 'default')
    throw new EngineError('forbidden', `operation is not permitted on predefined ${name} network `)
  if ([...state.networks.values()].some(network => network.name === name))
    throw new EngineError('conflict', `network with name ${name} already exists`)
  if (request.Scope === 'swarm')
    throw new EngineError('forbidden', 'cannot create a swarm scoped network when swarm is not active')
  if (driver === 'overlay')
    throw new EngineError(
      'forbidden',
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    )
  if (driver === 'host' || driver === 'null')
    throw new EngineError('forbidden', `only one instance of "${driver}" network is allowed`)
  if (driver && !drivers.includes(driver)) throw new EngineError('not-found', `plugin "${driver}" not found`)
  checkIpam(request.IPAM?.Config ?? [])
  const ipam = request.IPAM?.Driver
  if (ipam && ipam !== 'default' && ipam !== 'null') throw new EngineError('not-found', `plugin "${ipam}" not found`)
  checkOptions(state, request)
  checkNetworkList(request)
}

const gatewayModes = ['nat', 'nat-unprotected', 'routed', 'isolated']
const bridgeBooleans = ['enable_icc', 'enable_ip_masquerade', 'inhibit_ipv4', 'default_bridge']

function checkOptions(state: NetworkState, { Driver, Options, Internal }: NetworkCreateRequest): void {
  const options = Options ?? {}
  if (Driver === 'macvlan' || Driver === 'ipvlan') checkLowerOptions(state, Driver, options)
  else checkBridgeOptions(options, Internal ?? false)
}

function checkBridgeOptions(options: Readonly<Record<string, string>>, internal: boolean): void {
  const refuse = (key: string, value: string, why: string) => {
    throw new EngineError('invalid', `failed to parse ${key} value: ${value} (${why})`)
  }
  for (const key of bridgeBooleans.map(name => `com.docker.network.bridge.${name}`)) {
    const value = options[key]
    if (value && !/^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/.test(value))
      refuse(key, value, `strconv.ParseBool: parsing "${value}": invalid syntax`)
  }
  for (const key of ['com.docker.network.bridge.gateway_mode_ipv4', 'com.docker.network.bridge.gateway_mode_ipv6']) {
    const value = options[key]
    if (value && !gatewayModes.includes(value)) refuse(key, value, `unknown gateway mode ${value}`)
    if (value === 'isolated' && !internal)
      throw new EngineError('invalid', `gateway mode 'isolated' can only be used for an internal network`)
  }
  const mtu = options['com.docker.network.driver.mtu']
  if (mtu && !/^[+-]?\d+$/.test(mtu))
    refuse('com.docker.network.driver.mtu', mtu, `strconv.Atoi: parsing "${mtu}": invalid syntax`)
  const bridge = options['com.docker.network.bridge.name']
  // what the kernel says to such names
  if (bridge && bridge.length > 15) throw new EngineError('internal', 'numerical result out of range')
  if (bridge && /[\s/:]|^\.\.?$/.test(bridge)) throw new EngineError('internal', 'invalid argument')
}

function checkLowerOptions(state: NetworkState, driver: string, options: Readonly<Record<string, string>>): void {
  const choices: readonly (readonly [string, readonly string[]])[] =
    driver === 'macvlan'
      ? [['macvlan_mode', ['bridge', 'private', 'vepa', 'passthru']]]
      : [
          ['ipvlan_mode', ['l2', 'l3', 'l3s']],
          ['ipvlan_flag', ['bridge', 'private', 'vepa']],
        ]
  for (const [key, values] of choices) {
    const value = options[key]
    if (!value || values.includes(value)) continue
    const what = key.endsWith('mode') ? `'${values[0]}' mode` : `'${values[0]}'`
    const wanted = `requested ${key.replace('_', ' ')} '${value}' is not valid`
    throw new EngineError('internal', `${wanted}, ${what} is the ${driver} driver default`)
  }
  checkParent(state, driver, options)
}

/** The bridge driver takes one subnet of each family. */
function checkSubnetCount({ driver, ipam }: NetworkRecord): void {
  const count = (family: 4 | 6) => ipam.filter(({ Subnet }) => parseCidr(Subnet!)!.family === family).length
  if (driver === 'bridge' && (count(4) > 1 || count(6) > 1))
    throw new EngineError('internal', `${driver} driver doesn't support multiple subnets`)
}

/** Two networks cannot have one bridge. */
function checkBridgeName(state: NetworkState, record: NetworkRecord): void {
  const name = bridgeName(record)
  const other = [...state.networks.values()].find(
    network => network.driver === 'bridge' && bridgeName(network) === name,
  )
  if (record.driver !== 'bridge' || !other) return
  const text = `cannot create network ${record.id} (${name}): conflicts with network ${other.id} (${name})`
  throw new EngineError('forbidden', `${text}: networks have same bridge name`)
}

const hasOwnSettings = ({ IPAM, Options, Internal, EnableIPv6 }: NetworkCreateRequest): boolean =>
  Boolean(IPAM?.Config?.length || Object.keys(Options ?? {}).length || Internal || EnableIPv6)

function toRecord(state: NetworkState, request: NetworkCreateRequest): NetworkRecord {
  const template = request.ConfigFrom?.Network
    ? [...state.networks.values()].find(({ name, configOnly }) => configOnly && name === request.ConfigFrom?.Network)
    : undefined
  if (request.ConfigFrom?.Network && !template)
    throw new EngineError('not-found', `configuration network "${request.ConfigFrom.Network}" does not exist`)
  if (template && hasOwnSettings(request))
    throw new EngineError(
      'forbidden',
      'user specified configurations are not supported if the network depends on a configuration network',
    )
  const configs = template ? template.ipam : (request.IPAM?.Config ?? [])
  const enableIPv6 =
    template?.enableIPv6 ?? request.EnableIPv6 ?? request.Options?.['com.docker.network.enable_ipv6'] === 'true'
  const enableIPv4 = request.EnableIPv4 ?? true
  const configOnly = request.ConfigOnly ?? false
  const options = template?.options ?? request.Options ?? {}
  return {
    id: randomBytes(32).toString('hex'),
    name: request.Name,
    created: new Date().toISOString(),
    driver: configOnly ? 'null' : request.Driver || 'bridge',
    enableIPv4,
    enableIPv6,
    internal: template?.internal ?? request.Internal ?? false,
    attachable: request.Attachable ?? false,
    configOnly,
    configFrom: request.ConfigFrom?.Network ?? '',
    options,
    labels: request.Labels ?? {},
    ipamDriver: request.IPAM?.Driver || 'default',
    ipamOptions: request.IPAM?.Options ?? null,
    ipam: configOnly ? configs : planSubnets(state, configs, enableIPv4, enableIPv6, options),
    userSubnets: configs.length > 0,
    ownGateways: configs.filter(({ Gateway }) => !Gateway).map(({ Subnet }) => Subnet!),
  }
}

/** The wished subnets, gateways filled in, and a subnet of the default pools for each family without a wish. */
export function planSubnets(
  state: NetworkState,
  configs: readonly IPAMConfig[],
  v4: boolean,
  v6: boolean,
  options: NetworkRecord['options'] = {},
): IPAMConfig[] {
  const own = [...state.networks.values()]
    .filter(({ configOnly }) => !configOnly)
    .flatMap(({ ipam }) => ipam.map(({ Subnet }) => parseCidr(Subnet!)!))
  const wished = configs.filter(({ Subnet }) => parseCidr(Subnet!)!.family === 4 || v6)
  for (const { Subnet } of wished) {
    if (own.some(other => overlaps(other, parseCidr(Subnet!)!)))
      throw new EngineError('forbidden', 'invalid pool request: Pool overlaps with other one on this address space')
  }
  const has = (family: 4 | 6) => wished.some(({ Subnet }) => parseCidr(Subnet!)!.family === family)
  const pools = state.config.defaultAddressPools
  const pools4 = pools.some(({ base }) => parseCidr(base)?.family === 4) ? pools : dockerPools
  const pools6 = pools.some(({ base }) => parseCidr(base)?.family === 6) ? pools : [localPool()]
  const used = [...own, ...hostSubnets(state)]
  const picked = [
    ...(v4 && !has(4) ? [{ Subnet: pickSubnet(pools4, 4, used) }] : []),
    ...(v6 && !has(6) ? [{ Subnet: pickSubnet(pools6, 6, used) }] : []),
  ]
  return [...wished, ...picked].map(config =>
    isOnBridge(options, parseCidr(config.Subnet!)!.family) ? withGateway(config) : config,
  )
}

/** The first address is the gateway, unless the user names another. */
export function withGateway(config: IPAMConfig): IPAMConfig {
  if (config.Gateway) return config
  const { family, base } = parseCidr(config.Subnet!)!
  const range = config.IPRange ? parseCidr(config.IPRange)! : undefined
  return { ...config, Gateway: formatIp(family, (range?.base ?? base) + 1n) }
}

/** Where the host's routes and name servers live. */
function hostSubnets(state: NetworkState): Cidr[] {
  const servers = readHostResolver().nameservers.flatMap(server => {
    const ip = parseIp(server)
    return ip ? [`${server}/${ip.family === 4 ? 32 : 128}`] : []
  })
  return [...state.links.routes(), ...servers].map(text => parseCidr(text)!).filter(({ prefix }) => prefix > 0)
}

/** A unique local /48 of this host, cut into /64. */
function localPool(): DefaultPool {
  const hash = createHash('sha256').update(hostname()).digest('hex')
  return { base: `fd${hash.slice(0, 2)}:${hash.slice(2, 6)}:${hash.slice(6, 10)}::/48`, size: 64 }
}
