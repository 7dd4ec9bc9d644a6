// Shapes of the Docker Engine API v1.51, network: https://docs.docker.com/reference/api/engine/version/v1.51/

export interface Port {
  readonly IP?: string | undefined
  readonly PrivatePort?: number | undefined
  readonly PublicPort?: number | undefined
  readonly Type?: 'tcp' | 'udp' | 'sctp' | undefined
}

export interface NetworkingConfig {
  readonly EndpointsConfig?: Readonly<Record<string, EndpointSettings>> | null | undefined
}

export interface NetworkSettings {
  readonly Bridge?: string | undefined
  readonly SandboxID?: string | undefined
  readonly HairpinMode?: boolean | undefined
  readonly LinkLocalIPv6Address?: string | undefined
  readonly LinkLocalIPv6PrefixLen?: number | undefined
  readonly Ports?: PortMap | null | undefined
  readonly SandboxKey?: string | undefined
  readonly SecondaryIPAddresses?: readonly Address[] | null | undefined
  readonly SecondaryIPv6Addresses?: readonly Address[] | null | undefined
  readonly EndpointID?: string | undefined
  readonly Gateway?: string | undefined
  readonly GlobalIPv6Address?: string | undefined
  readonly GlobalIPv6PrefixLen?: number | undefined
  readonly IPAddress?: string | undefined
  readonly IPPrefixLen?: number | undefined
  readonly IPv6Gateway?: string | undefined
  readonly MacAddress?: string | undefined
  readonly Networks?: Readonly<Record<string, EndpointSettings>> | null | undefined
}

export interface Address {
  readonly Addr?: string | undefined
  readonly PrefixLen?: number | undefined
}

export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>

export interface PortBinding {
  readonly HostIp?: string | undefined
  readonly HostPort?: string | undefined
}

export interface Network {
  readonly Name?: string | undefined
  readonly Id?: string | undefined
  readonly Created?: string | undefined
  readonly Scope?: string | undefined
  readonly Driver?: string | undefined
  readonly EnableIPv4?: boolean | undefined
  readonly EnableIPv6?: boolean | undefined
  readonly IPAM?: IPAM | undefined
  readonly Internal?: boolean | undefined
  readonly Attachable?: boolean | undefined
  readonly Ingress?: boolean | undefined
  readonly ConfigFrom?: unknown | undefined
  readonly ConfigOnly?: boolean | undefined
  readonly Containers?: Readonly<Record<string, NetworkContainer>> | null | undefined
  readonly Options?: Readonly<Record<string, string>> | null | undefined
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  readonly Peers?: readonly unknown[] | null | undefined
}

export interface IPAM {
  readonly Driver?: string | undefined
  readonly Config?: readonly IPAMConfig[] | null | undefined
  readonly Options?: Readonly<Record<string, string>> | null | undefined
}

export interface IPAMConfig {
  readonly Subnet?: string | undefined
  readonly IPRange?: string | undefined
  readonly Gateway?: string | undefined
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>> | null | undefined
}

export interface NetworkContainer {
  readonly Name?: string | undefined
  readonly EndpointID?: string | undefined
  readonly MacAddress?: string | undefined
  readonly IPv4Address?: string | undefined
  readonly IPv6Address?: string | undefined
}

export interface NetworkCreateResponse {
  readonly Id?: string | undefined
  readonly Warning?: string | undefined
}

export interface EndpointSettings {
  readonly IPAMConfig?: EndpointIPAMConfig | undefined
  readonly Links?: readonly string[] | null | undefined
  readonly MacAddress?: string | undefined
  readonly Aliases?: readonly string[] | null | undefined
  readonly DriverOpts?: Readonly<Record<string, string>> | null | undefined
  readonly GwPriority?: number | undefined
  readonly NetworkID?: string | undefined
  readonly EndpointID?: string | undefined
  readonly Gateway?: string | undefined
  readonly IPAddress?: string | undefined
  readonly IPPrefixLen?: number | undefined
  readonly IPv6Gateway?: string | undefined
  readonly GlobalIPv6Address?: string | undefined
  readonly GlobalIPv6PrefixLen?: number | undefined
  readonly DNSNames?: readonly string[] | null | undefined
}

export interface EndpointIPAMConfig {
  readonly IPv4Address?: string | undefined
  readonly IPv6Address?: string | undefined
  readonly LinkLocalIPs?: readonly string[] | null | undefined
}

export interface PortStatus {
  readonly Ports?: readonly unknown[] | null | undefined
}

export interface NetworkAttachment {
  readonly Network?: Network | undefined
  readonly Addresses?: readonly string[] | null | undefined
}

export interface ContainerNetworkStats {
  readonly rx_bytes?: number | undefined
  readonly rx_packets?: number | undefined
  readonly rx_errors?: number | undefined
  readonly rx_dropped?: number | undefined
  readonly tx_bytes?: number | undefined
  readonly tx_packets?: number | undefined
  readonly tx_errors?: number | undefined
  readonly tx_dropped?: number | undefined
  readonly endpoint_id?: string | null | undefined
  readonly instance_id?: string | null | undefined
}

export interface NetworkAttachmentConfig {
  readonly Target?: string | undefined
  readonly Aliases?: readonly string[] | null | undefined
  readonly DriverOpts?: Readonly<Record<string, string>> | null | undefined
}
