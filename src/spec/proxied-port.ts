/** A port of the host that a listener of the supervisor serves for a container. */
export interface ProxiedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly hostIp: string
  readonly hostPort: number
  /** of the container */
  readonly address: string
  readonly containerPort: number
}
