import { EngineError } from '../base/errors.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import type { ContainerDeps } from './deps.ts'
import { type ContainerRecord, isAlive } from './record.ts'

type Predicate = (record: ContainerRecord) => boolean

const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const healths = ['none', 'starting', 'healthy', 'unhealthy']
const keys =
  'ancestor before exited expose health id is-task isolation label name network publish since status volume'.split(' ')

/** Equal, or found as a regular expression. */
export function matchesText(value: string, pattern: string): boolean {
  if (value === pattern) return true
  try {
    return new RegExp(pattern).test(value)
  } catch {
    return false
  }
}

/** `key` or `key=value` against labels. */
export function matchesLabel(labels: Readonly<Record<string, string>> | null | undefined, wanted: string): boolean {
  const at = wanted.indexOf('=')
  if (at < 0) return labels?.[wanted] !== undefined
  return labels?.[wanted.slice(0, at)] === wanted.slice(at + 1)
}

function check(key: string, value: string, name: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  const text = `invalid value for ${name} (${value}): must be one of ${allowed.join(', ')}`
  throw new EngineError('invalid', `invalid filter '${key}=${value}': ${text}`)
}

function portMatcher(key: 'expose' | 'publish', wanted: string): (port: number, type: string) => boolean {
  const [range = '', type] = wanted.split('/')
  const [low, high = low] = range.split('-').map(Number)
  if (Number.isNaN(low) || Number.isNaN(high))
    throw new EngineError(
      'internal', // sic
      `error while looking up for ${key} ${wanted}: strconv.ParseUint: parsing ${JSON.stringify(range)}: invalid syntax`,
    )
  return (port, kind) => port >= low! && port <= high! && kind === (type ?? 'tcp')
}

const exposes = ({ config }: ContainerRecord, wanted: string): boolean => {
  const matches = portMatcher('expose', wanted)
  return Object.keys(config.ExposedPorts ?? {}).some(key =>
    matches(Number(key.split('/')[0]), key.split('/')[1] ?? 'tcp'),
  )
}

const publishes = ({ ports, hostConfig }: ContainerRecord, wanted: string): boolean => {
  const matches = portMatcher('publish', wanted)
  const bound = Object.entries(Object.keys(ports).length ? ports : (hostConfig.PortBindings ?? {}))
  return bound.some(([key, list]) =>
    list?.some(({ HostPort }) => matches(Number(HostPort), key.split('/')[1] ?? 'tcp')),
  )
}

const hasHealth = ({ state }: ContainerRecord, wanted: string): boolean => (state.health?.Status ?? 'none') === wanted

function ancestorMatcher(deps: ContainerDeps, name: string): Predicate {
  try {
    const { id, chainId } = deps.images.resolve(name)
    const isAbove = (record: ContainerRecord) => {
      for (
        let chain = record.chainId;
        chain;
        chain = deps.snapshots.has(chain) ? deps.snapshots.parentOf(chain) : undefined
      ) {
        if (chain === chainId) return true
      }
      return false
    }
    return record => record.imageId === id || isAbove(record)
  } catch {
    return () => false
  }
}

const byTime = (
  deps: ContainerDeps,
  key: string,
  isWanted: (record: ContainerRecord, other: ContainerRecord) => boolean,
): Predicate => {
  const other = deps.store.find(key)
  return record => isWanted(record, other)
}

function matcher(deps: ContainerDeps, key: string, value: string): Predicate {
  switch (key) {
    case 'id':
      return ({ id }) => matchesText(id, value) || id.startsWith(value)
    case 'name':
      return ({ name }) => matchesText(name, value) || matchesText(`/${name}`, value)
    case 'label':
      return ({ config }) => matchesLabel(config.Labels, value)
    case 'status':
      check(key, value, 'state', statuses)
      return ({ state }) => state.status === value
    case 'exited':
      if (!/^-?\d+$/.test(value))
        throw new EngineError(
          'invalid',
          `invalid filter 'exited=${value}': strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`,
        )
      return record => !isAlive(record) && record.hasStarted && record.state.exitCode === Number(value)
    case 'health':
      check(key, value, 'health', healths)
      return record => hasHealth(record, value)
    case 'network':
      return ({ endpoints }) =>
        Object.entries(endpoints).some(
          ([name, { NetworkID }]) =>
            name === value || NetworkID === value || (value.length >= 12 && NetworkID?.startsWith(value)),
        )
    case 'volume':
      return ({ mounts }) =>
        mounts.some(({ Name, Destination, Source }) => Name === value || Destination === value || Source === value)
    case 'ancestor':
      return ancestorMatcher(deps, value)
    case 'expose':
      return record => exposes(record, value)
    case 'publish':
      return record => publishes(record, value)
    case 'before':
      return byTime(deps, value, (record, other) => record.created < other.created)
    case 'since':
      return byTime(deps, value, (record, other) => record.created > other.created)
    case 'is-task':
      if (!/^(1|0|t|f|true|false)$/i.test(value))
        throw new EngineError('invalid', `invalid filter 'is-task=[${value}]'`)
      return () => !/^(1|t|true)$/i.test(value)
    default:
      return () => true
  }
}

/** Keys are joined by and, values of one key by or; labels must all match. */
export function toPredicate(deps: ContainerDeps, filters: Filters): Predicate {
  const groups = [...filters].map(([key, values]) => {
    if (!keys.includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
    const matchers = values.map(value => matcher(deps, key, value))
    return key === 'label'
      ? (record: ContainerRecord) => matchers.every(matches => matches(record))
      : (record: ContainerRecord) => matchers.some(matches => matches(record))
  })
  return record => groups.every(matches => matches(record))
}
