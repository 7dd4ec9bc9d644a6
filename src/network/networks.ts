import type { DnsConfig } from '../spec/dns-config.ts'
import type { EndpointSettings, PortMap } from '../spec/engine-api/network.ts'
import type { EgressWish, LinkTarget } from './record.ts'

/** What a container asks of the network when it starts. */
export interface SandboxRequest {
  readonly containerId: string
  /** container name without the slash */
  readonly name: string
  readonly hostname: string
  readonly domainname: string
  /** network name or id → wishes; `host` and `none` stand alone */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
  readonly exposedPorts: readonly string[]
  readonly portBindings: PortMap
  readonly publishAllPorts: boolean
  readonly dns: readonly string[]
  readonly dnsSearch: readonly string[]
  readonly dnsOptions: readonly string[]
  readonly extraHosts: readonly string[]
  readonly sysctls: Readonly<Record<string, string>>
  readonly egress?: EgressWish | undefined
  /** legacy links, resolved: alias → address and names */
  readonly links: readonly LinkTarget[]
  /** a network namespace to furnish instead of a new one; its descriptor is ours from the call on */
  readonly namespace?: number | undefined
}

/** The network of one running container. */
export interface Sandbox {
  /** path of the network namespace for the runtime; stays valid until the container's process has it */
  readonly namespacePath: string
  /** network name → everything filled in */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
  /** published ports with the real host ports */
  readonly ports: PortMap
  /** texts of the three files under /etc */
  readonly hosts: string
  readonly resolvConf: string
  /** for the embedded resolver; undefined where none is needed */
  readonly dns?: DnsConfig | undefined
}

/**
 * Networks as containers see them. Every call is idempotent for its container: what a crash left is found again by
 * `recover`, from the kernel and the records.
 */
export interface ContainerNetworks {
  /**
   * Whether networks can give a container to be what it wishes.
   *
   * @throws EngineError `invalid` that names everything wrong
   */
  check(endpoints: SandboxRequest['endpoints']): void

  /**
   * Makes the namespace, its interfaces, addresses, routes and published ports, all or nothing.
   *
   * @throws EngineError with Docker's text when a port is taken, a network is unknown, addresses run out
   */
  attach(request: SandboxRequest): Promise<Sandbox>

  /** Tells that process `pid` now holds the namespace, so that it can be found again. */
  started(containerId: string, pid: number): void

  /**
   * Opens and closes ports of a running container; connections through a closed one live on.
   *
   * @returns what is published now
   * @throws EngineError with Docker's text when a port is taken: then nothing has changed
   */
  publish(containerId: string, portBindings: PortMap): Promise<PortMap>

  /** A running container's links are these from now on: names, and open ports. */
  updateLinks(containerId: string, links: readonly LinkTarget[]): Promise<void>

  /** Takes down everything `attach` made; calm when nothing is there. */
  detach(containerId: string): Promise<void>

  /**
   * After a restart of the engine: keeps what belongs to containers in `alive` and clears everything else.
   *
   * @param alive container id → pid of its first process
   */
  recover(alive: ReadonlyMap<string, number>): Promise<void>

  /** The resolver's knowledge for a running container; undefined when it has no embedded resolver. */
  dnsOf(containerId: string): DnsConfig | undefined

  /** Calls back with the ids of running containers whose `dnsOf` changed. */
  onDnsChange(callback: (containerId: string) => void): void
}
