import { EngineError, messageOf } from '../base/errors.ts'
import type { LinkTarget } from '../network/record.ts'
import type { ContainerDeps } from './deps.ts'
import { type ContainerRecord, isAlive } from './record.ts'

// Legacy links: names and variables of another container on the default bridge.

interface Link {
  readonly target: ContainerRecord
  readonly alias: string
}

const parse = (text: string): readonly [string, string] => {
  const [name = '', alias = name] = text.split(':')
  return [name.replace(/^\//, ''), alias.slice(alias.lastIndexOf('/') + 1)]
}

const isLegacy = ({ hostConfig }: ContainerRecord): boolean => hostConfig.NetworkMode === 'bridge'

/** Networks of users know links by other means. */
const isKept = ({ hostConfig: { NetworkMode = '' } }: ContainerRecord): boolean =>
  /^(bridge|none|host|container:.*)$/.test(NetworkMode)

/** Keeps the links with full names, and tells their targets. @throws EngineError when there is no such target */
export function registerLinks(deps: ContainerDeps, record: ContainerRecord): ContainerRecord {
  const links = record.hostConfig.Links
  if (!links?.length || !isKept(record)) return record
  const Links = links.map(text => {
    if (text.split(':').length > 2) throw new EngineError('internal', `bad format for links: ${text}`)
    const [name, alias] = parse(text)
    return `/${linkable(deps, name).name}:/${record.name}/${alias}`
  })
  return { ...record, hostConfig: { ...record.hostConfig, Links } }
}

function linkable(deps: ContainerDeps, name: string): ContainerRecord {
  const target = findTarget(deps, name)
  if (target.hostConfig.NetworkMode !== 'host') return target
  const reason = "host type networking can't be used with links. This would result in undefined behavior"
  throw new EngineError('invalid', `conflicting options: ${reason}`)
}

function findTarget(deps: ContainerDeps, name: string): ContainerRecord {
  try {
    return deps.store.find(name)
  } catch (cause) {
    throw new EngineError('invalid', `could not get container for ${name}: ${messageOf(cause)}`, { cause })
  }
}

/** Lets `ps` show at the target by which names others know it. */
export function announceLinks(deps: ContainerDeps, record: ContainerRecord, present: boolean): void {
  if (!isLegacy(record)) return
  for (const text of record.hostConfig.Links ?? []) {
    const [name = '', full = ''] = text.split(':')
    const target = deps.store.all().find(candidate => candidate.name === name.slice(1))
    if (!target) continue
    const others = (target.linkNames ?? []).filter(known => known !== full)
    deps.store.put({ ...target, linkNames: present ? [...others, full] : others })
  }
}

function linksOf(deps: ContainerDeps, record: ContainerRecord): Link[] {
  if (!isLegacy(record)) return []
  return (record.hostConfig.Links ?? []).map(text => {
    const [name, alias] = parse(text)
    const target = deps.store.byName(name)
    if (!target || !isAlive(target))
      throw new EngineError('conflict', `Cannot link to a non running container: /${name} AS /${record.name}/${alias}`)
    if (!target.endpoints.bridge)
      throw new EngineError('invalid', `container ${target.id} not attached to default bridge network`)
    return { target, alias }
  })
}

const addressOf = ({ endpoints }: ContainerRecord): string => endpoints.bridge?.IPAddress ?? ''

/** Where linked containers are, how they are called and what they offer. */
export const linkTargets = (deps: ContainerDeps, record: ContainerRecord): LinkTarget[] =>
  linksOf(deps, record).map(({ target, alias }) => ({
    address: addressOf(target),
    names: [...new Set([alias, target.config.Hostname ?? target.id.slice(0, 12), target.name])],
    ports: portsOf(target).map(({ number, protocol }) => ({ port: number, protocol: protocol as 'tcp' })),
  }))

/** Those who link to `target` learn its new address. */
export async function refreshLinks(deps: ContainerDeps, target: ContainerRecord): Promise<void> {
  const linksToIt = ({ hostConfig }: ContainerRecord) =>
    hostConfig.Links?.some(text => parse(text)[0] === target.name) ?? false
  for (const record of deps.store.all().filter(candidate => isAlive(candidate) && linksToIt(candidate))) {
    try {
      await deps.networks.updateLinks(record.id, linkTargets(deps, record))
    } catch (error) {
      // another of its targets does not run: it gets the addresses when that one starts
      deps.log.debug('links not refreshed', { id: record.id, error: messageOf(error) })
    }
  }
}

/**
 * Takes one link away, named `/owner/alias`.
 *
 * @throws EngineError `not-found`
 */
export async function removeLink(deps: ContainerDeps, path: string): Promise<void> {
  const [owner = '', alias = ''] = path.replace(/^\//, '').split('/')
  const { id } = deps.store.find(owner)
  if (!alias) throw new EngineError('internal', 'Conflict, cannot remove the default link name of the container') // sic
  using _lock = await deps.locks.acquire(id)
  const record = deps.store.find(id)
  const rest = record.hostConfig.Links?.filter(text => parse(text)[1] !== alias) ?? []
  if (rest.length === (record.hostConfig.Links?.length ?? 0))
    throw new EngineError('not-found', `No such container: ${path.replace(/^\//, '')}`)
  announceLinks(deps, record, false)
  const next = { ...record, hostConfig: { ...record.hostConfig, Links: rest.length ? rest : null } }
  deps.store.put(next)
  announceLinks(deps, next, true)
  if (isAlive(next)) await deps.networks.updateLinks(id, linkTargets(deps, next))
}

interface ExposedPort {
  readonly number: number
  readonly protocol: string
}

const portsOf = ({ config }: ContainerRecord): ExposedPort[] =>
  Object.keys(config.ExposedPorts ?? {})
    .map(key => ({ number: Number(key.split('/')[0]), protocol: key.split('/')[1] ?? 'tcp' }))
    .sort((a, b) => a.number - b.number || (a.protocol < b.protocol ? 1 : -1))

/** Runs of neighbouring ports of one protocol, longer than one. */
function runsOf(ports: readonly ExposedPort[]): (readonly [ExposedPort, ExposedPort])[] {
  const runs: [ExposedPort, ExposedPort][] = []
  for (const port of ports) {
    const last = runs.at(-1)
    if (last && last[1].protocol === port.protocol && last[1].number + 1 === port.number) last[1] = port
    else runs.push([port, port])
  }
  return runs.filter(([first, end]) => first !== end)
}

function variablesOf({ target, alias }: Link, owner: string): string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_')
  const ip = addressOf(target)
  const url = ({ number, protocol }: ExposedPort) => `${protocol}://${ip}:${number}`
  const key = ({ number, protocol }: ExposedPort) => `${prefix}_PORT_${number}_${protocol.toUpperCase()}`
  const ports = portsOf(target)
  const env = (target.config.Env ?? []).filter(entry => !/^(HOME|PATH)=/.test(entry))
  return [
    `${prefix}_NAME=/${owner}/${alias}`,
    ...(ports[0] ? [`${prefix}_PORT=${url(ports[0])}`] : []),
    ...runsOf(ports).flatMap(([first, end]) => [
      `${key(first)}_START=${url(first)}`,
      `${key(first)}_PORT_START=${first.number}`,
      `${key(first)}_END=${url(end)}`,
      `${key(first)}_PORT_END=${end.number}`,
    ]),
    ...ports.flatMap(port => [
      `${key(port)}=${url(port)}`,
      `${key(port)}_ADDR=${ip}`,
      `${key(port)}_PORT=${port.number}`,
      `${key(port)}_PROTO=${port.protocol}`,
    ]),
    ...env.map(entry => `${prefix}_ENV_${entry}`),
  ]
}

/** Environment variables that tell of the linked containers. */
export const linkVariables = (deps: ContainerDeps, record: ContainerRecord): string[] =>
  linksOf(deps, record).flatMap(link => variablesOf(link, record.name))
