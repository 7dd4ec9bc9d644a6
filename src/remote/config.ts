/** How registries are reached; read anew for each operation, so that a reload takes effect. */
export interface RemoteConfig {
  /** hosts, `host:port` or CIDRs that may be spoken to without verified TLS; loopback addresses always may */
  readonly insecureRegistries?: readonly string[]
  /** base addresses tried before Docker Hub, for images of Docker Hub */
  readonly mirrors?: readonly string[]
  /** directories with `<host[:port]>/{*.crt,*.cert,*.key}`; default `/etc/docker/certs.d` */
  readonly certsDirs?: readonly string[]
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY and their lower-case forms */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>
  readonly userAgent?: string
}

export const hubHost = 'docker.io'
export const hubRegistry = 'registry-1.docker.io'
/** what the client writes as server address of Docker Hub */
export const hubIndex = 'https://index.docker.io/v1/'
