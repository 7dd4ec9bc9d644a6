import type { Protocol } from '../kernel/socket.ts'
import type { EndpointSettings, IPAMConfig, PortMap } from '../spec/engine-api/network.ts'

/** All that is known of one network. */
export interface NetworkRecord {
  readonly id: string
  readonly name: string
  readonly created: string
  readonly driver: string
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
  readonly internal: boolean
  readonly attachable: boolean
  readonly configOnly: boolean
  readonly configFrom: string
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly ipamDriver: string
  readonly ipamOptions: Readonly<Record<string, string>> | null
  readonly ipam: readonly IPAMConfig[]
  /** subnets chosen by the user: static addresses are allowed in those only */
  readonly userSubnets: boolean
  /** the user's subnets whose gateway we chose: inspect does not show it, as in Docker */
  readonly ownGateways?: readonly string[]
}

export interface PublishedPort {
  readonly protocol: Protocol
  readonly containerPort: number
  readonly hostIp: string
  /** 0: routed, the container is reached by its own address */
  readonly hostPort: number
  /** of the container */
  readonly address: string
}

export interface EndpointRecord {
  readonly networkId: string
  readonly networkName: string
  readonly settings: EndpointSettings
  /** name of the link in the container */
  readonly ifname: string
  /** name of the link on the host; macvlan and ipvlan have none */
  readonly veth?: string | undefined
}

/** What a container publishes, as its user said it. */
export interface PortWishes {
  readonly exposedPorts: readonly string[]
  readonly portBindings: PortMap
  readonly publishAllPorts: boolean
}

/** The network side of one running container. */
export interface SandboxRecord {
  readonly containerId: string
  readonly name: string
  readonly pid: number
  readonly endpoints: readonly EndpointRecord[]
  readonly wishes: PortWishes
  readonly ports: readonly PublishedPort[]
  /** servers given by --dns, empty for the host's */
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  readonly egress?: EgressWish | undefined
  readonly links?: readonly LinkTarget[] | undefined
}

/** Another container on the default bridge, as a linking one knows it. */
export interface LinkTarget {
  readonly address: string
  readonly names: readonly string[]
  /** open for it, also where containers of the network must not talk to each other */
  readonly ports: readonly { readonly protocol: Protocol; readonly port: number }[]
}

export interface EgressWish {
  /** what the container may reach, as its label says; undefined: everything */
  readonly list?: string | undefined
  /** file for what was refused */
  readonly log: string
}

const bridgeOption = (key: string) => `com.docker.network.bridge.${key}`

export const isPredefined = (name: string): boolean => name === 'bridge' || name === 'host' || name === 'none'
export const bridgeName = (network: NetworkRecord): string =>
  network.options[bridgeOption('name')] || `br-${network.id.slice(0, 12)}`
/** An option of the bridge driver that is true unless it says otherwise. */
export const bridgeFlag = (network: NetworkRecord, key: string, fallback: boolean): boolean => {
  const value = network.options[bridgeOption(key)]
  return value === undefined ? fallback : /^(1|t|true)$/i.test(value)
}
export const bridgeText = (network: NetworkRecord, key: string): string | undefined =>
  network.options[bridgeOption(key)]
export const mtuOf = (network: NetworkRecord, fallback: number): number =>
  Number(network.options['com.docker.network.driver.mtu']) || fallback
/** How a network's containers are reached from outside. */
export const gatewayMode = (network: NetworkRecord, version: 4 | 6): string =>
  network.internal ? 'isolated' : bridgeText(network, `gateway_mode_ipv${version}`) || 'nat'

/** Whether the host has an address on the bridge, which is the gateway unless the user names another. */
export const isOnBridge = (options: NetworkRecord['options'], family: 4 | 6): boolean =>
  options[bridgeOption(`gateway_mode_ipv${family}`)] !== 'isolated' &&
  !(family === 4 && /^(1|t)/i.test(options[bridgeOption('inhibit_ipv4')] ?? ''))
