import { readFileSync, writeFileSync } from 'node:fs'
import { messageOf } from '../base/errors.ts'
import { hasEmbeddedDns } from './dns-names.ts'
import { formatResolvConf, readHostResolver } from './files.ts'
import type { EndpointRecord, SandboxRecord } from './record.ts'
import type { ContainerView, NetworkState } from './state.ts'

/** Files of a running container, edited in place: they are mounted in it. */
function edit(state: NetworkState, path: string, change: (text: string) => string): void {
  try {
    const before = readFileSync(path, 'utf8')
    const after = change(before)
    if (after !== before) writeFileSync(path, after)
  } catch (error) {
    state.log.warn('cannot edit a file of a running container', { path, error: messageOf(error) })
  }
}

const linesOf = ({ settings }: EndpointRecord, { hostname, domainname }: ContainerView): string[] => {
  const names = domainname ? `${hostname}.${domainname} ${hostname}` : hostname
  return [settings.IPAddress, settings.GlobalIPv6Address].flatMap(address =>
    address ? [`${address}\t${names}\n`] : [],
  )
}

/** Its own name has the new address, too; what the user wrote stays. */
export function addToHosts(state: NetworkState, container: ContainerView, endpoint: EndpointRecord): void {
  const lines = linesOf(endpoint, container)
  edit(state, container.files.hosts, text => text + lines.filter(line => !text.includes(line)).join(''))
}

export function dropFromHosts(state: NetworkState, container: ContainerView, endpoint: EndpointRecord): void {
  const lines = linesOf(endpoint, container)
  edit(state, container.files.hosts, text => lines.reduce((rest, line) => rest.replace(line, ''), text))
}

/** Lines of links: new ones take the place of old ones. */
export function replaceLinesOfHosts(
  state: NetworkState,
  { files }: ContainerView,
  before: readonly string[],
  after: readonly string[],
): void {
  const added = after.filter(line => !before.includes(line))
  const gone = before.filter(line => !after.includes(line))
  edit(state, files.hosts, text => gone.reduce((rest, line) => rest.replace(line, ''), text) + added.join(''))
}

/** The first network with names brings the embedded resolver, unless the user has edited the file. */
export function turnToEmbeddedDns(
  state: NetworkState,
  container: ContainerView,
  before: SandboxRecord,
  after: SandboxRecord,
): void {
  if (hasEmbeddedDns(state, before) || !hasEmbeddedDns(state, after)) return
  const host = readHostResolver()
  const { dns, dnsSearch, dnsOptions } = before
  const textOf = (embedded: boolean) =>
    formatResolvConf({ dns, dnsSearch, dnsOptions, embedded, ipv6: hasGlobalIPv6(before) }, host)
  edit(state, container.files.resolvConf, text => (text === textOf(false) ? textOf(true) : text))
}

const hasGlobalIPv6 = ({ endpoints }: SandboxRecord): boolean =>
  endpoints.some(({ settings }) => Boolean(settings.GlobalIPv6Address))
