/** Names that a container may resolve; their addresses are opened for it. */
export interface EgressConfig {
  /** of nftables, in both families */
  readonly table: string
  /** a name must be in each of these; `*.x` is every name below x, `*` every name */
  readonly lists: readonly (readonly { readonly name: string; readonly set: string }[])[]
  /** file for what was refused */
  readonly log: string | undefined
}

/** What the embedded resolver of one container knows. Plain JSON: the supervisor keeps it and outlives the engine. */
export interface DnsConfig {
  /** lower-case name, also as `name.network` → addresses of both families */
  readonly names: Readonly<Record<string, readonly string[]>>
  /** address → full name, without the last dot */
  readonly reverse: Readonly<Record<string, string>>
  readonly upstreams: readonly string[]
  /** dial the upstreams inside the container's namespace (`--dns`) instead of the host's */
  readonly upstreamsInside: boolean
  /** only internal networks: nothing is forwarded */
  readonly internal: boolean
  /** undefined: everything */
  readonly egress?: EgressConfig | undefined
}
