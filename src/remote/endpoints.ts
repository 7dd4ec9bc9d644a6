import { existsSync, readdirSync, readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP } from 'node:net'
import { join } from 'node:path'
import { hubHost, hubRegistry, type RemoteConfig } from './config.ts'
import { type Hosts, type HostTls, readHosts } from './hosts.ts'

/** One address where a registry answers. */
export interface Endpoint {
  /** `https://host:port`, perhaps with a path, no slash at the end */
  readonly base: string
  readonly agent: http.Agent
  readonly isMirror: boolean
}

/** Where to ask for images of `domain`, in this order. */
export function endpointsOf(domain: string, config: RemoteConfig): readonly Endpoint[] {
  const file = readHosts(domain, certsDirsOf(config))
  if (file) return fromHosts(domain, file, config)
  if (domain !== hubHost) return endpointsOfHost(domain, config)
  const mirrors = (config.mirrors ?? []).map(mirror => toEndpoint(mirror.replace(/\/+$/, ''), config, true))
  return [...mirrors, ...endpointsOfHost(hubRegistry, config)]
}

/** What hosts.toml names, then the registry itself. */
function fromHosts(domain: string, { hosts, server }: Hosts, config: RemoteConfig): readonly Endpoint[] {
  const mirrors = hosts.map(({ base, canPush, tls }) => toEndpoint(base, config, !canPush, tls))
  const own = domain === hubHost ? hubRegistry : domain
  if (server !== undefined) return [...mirrors, toEndpoint(server, config, false)]
  return [...mirrors, ...endpointsOfHost(own, config)]
}

function endpointsOfHost(host: string, config: RemoteConfig): readonly Endpoint[] {
  const secure = toEndpoint(`https://${host}`, config, false)
  return isInsecure(host, config.insecureRegistries ?? [])
    ? [secure, toEndpoint(`http://${host}`, config, false)]
    : [secure]
}

function toEndpoint(base: string, config: RemoteConfig, isMirror: boolean, tls?: HostTls): Endpoint {
  const url = new URL(base)
  if (tls) hostTls.set(url.host, tls)
  else hostTls.delete(url.host)
  return { base, isMirror, agent: agentFor(url, config) }
}

/** What hosts.toml says of a host's TLS: requests look it up by host. */
const hostTls = new Map<string, HostTls>()

const agents = new Map<string, http.Agent>()

/** One agent for one set of settings, so that connections are kept from one operation to the next. */
export function agentFor({ protocol, host }: URL, config: RemoteConfig): http.Agent {
  const tls = hostTls.get(host)
  const isInsecureHost = tls?.skipVerify || isInsecure(host, config.insecureRegistries ?? [])
  const proxyEnv = config.proxyEnv ?? {}
  const certificates = protocol === 'https:' ? { ...certificatesOf(host, config), ...tls?.certificates } : {}
  const key = JSON.stringify([protocol, host, isInsecureHost, proxyEnv, certificates])
  const known = agents.get(key)
  if (known) return known
  const shared = { keepAlive: true, timeout: 60_000, proxyEnv: { ...proxyEnv } as NodeJS.ProcessEnv }
  const agent =
    protocol === 'https:'
      ? new https.Agent({ ...shared, ...certificates, rejectUnauthorized: !isInsecureHost })
      : new http.Agent(shared)
  if (agents.size > 64) agents.clear()
  agents.set(key, agent)
  return agent
}

const certsDirsOf = ({ certsDirs = ['/etc/docker/certs.d'] }: RemoteConfig) => certsDirs

function certificatesOf(host: string, config: RemoteConfig) {
  const directory = certsDirsOf(config)
    .map(dir => join(dir, host))
    .find(dir => existsSync(dir))
  if (!directory) return {}
  const read = (suffix: string) =>
    readdirSync(directory)
      .filter(name => name.endsWith(suffix))
      .sort()
      .map(name => readFileSync(join(directory, name), 'utf8'))
  const [ca, cert, key] = [read('.crt'), read('.cert'), read('.key')]
  return { ...(ca.length ? { ca } : {}), ...(cert.length ? { cert } : {}), ...(key.length ? { key } : {}) }
}

/** Whether `host` (with or without port) is a loopback address, or is named in `rules`. */
export function isInsecure(host: string, rules: readonly string[]): boolean {
  const { hostname } = new URL(`http://${host}`)
  const bare = hostname.replace(/^\[|\]$/g, '')
  const name = bare === 'localhost' ? '127.0.0.1' : bare
  if (rules.some(rule => rule === host || rule === hostname)) return true
  const family = isIP(name)
  if (family === 0) return false
  const networks = new BlockList()
  for (const rule of ['127.0.0.0/8', '::1/128', ...rules.filter(rule => rule.includes('/'))]) {
    const [address = '', bits] = rule.split('/')
    if (isIP(address)) networks.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return networks.check(name, family === 6 ? 'ipv6' : 'ipv4')
}
