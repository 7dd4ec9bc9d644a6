import { EngineError } from '../base/errors.ts'
import { int64, integerProblem } from '../base/strconv.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import type { ContainerDeps } from './deps.ts'
import { portMatcher } from './port-filter.ts'
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

function checkInteger(value: string): void {
  const problem = integerProblem(value, int64)
  if (problem) throw new EngineError('invalid', `invalid filter 'exited=${value}': strconv.Atoi: ${problem}`)
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
  if (key === '') throw new EngineError('not-found', 'No such container: ')
  const other = deps.store.find(key)
  return record => isWanted(record, other)
}

function matcher(deps: ContainerDeps, key: string, value: string): Predicate {
  switch (key) {
    case 'id':
      return ({ id }) => value !== '' && id.startsWith(value)
    case 'name':
      return ({ name }) => matchesText(name, value) || matchesText(`/${name}`, value)
    case 'label':
      return ({ config }) => matchesLabel(config.Labels, value)
    case 'status':
      check(key, value, 'state', statuses)
      return ({ state }) => state.status === value
    case 'exited':
      checkInteger(value)
      return record => !isAlive(record) && record.hasStarted && record.state.exitCode === Number(value)
    case 'health':
      check(key, value, 'health', healths)
      return record => hasHealth(record, value)
    case 'network':
      return ({ endpoints }) =>
        Object.entries(endpoints).some(([name, { NetworkID = '' }]) => name === value || NetworkID.startsWith(value))
    case 'volume':
      return ({ mounts }) =>
        mounts.some(({ Name, Destination, Source }) => Name === value || Destination === value || Source === value)
    case 'ancestor':
      return ancestorMatcher(deps, value)
    case 'expose':
    case 'publish':
      return portMatcher(key, value)
    case 'before':
      return byTime(deps, value, (record, other) => record.created < other.created)
    case 'since':
      return byTime(deps, value, (record, other) => record.created > other.created)
    case 'is-task':
      if (!['true', '1', 'false', '0'].includes(value))
        throw new EngineError('invalid', `invalid filter 'is-task=[${value}]'`)
      return () => value !== 'true' && value !== '1'
    default:
      return () => true
  }
}

/** @throws EngineError `invalid` for a key or a value that is none */
function groupOf(deps: ContainerDeps, key: string, values: readonly string[]): Predicate {
  if (!keys.includes(key)) throw new EngineError('invalid', key ? `invalid filter '${key}'` : 'invalid filter')
  if (values.length === 0) return () => true
  const matchers = values.map(value => matcher(deps, key, value))
  return key === 'label'
    ? record => matchers.every(matches => matches(record))
    : record => matchers.some(matches => matches(record))
}

const isPortKey = (key: string): boolean => key === 'publish' || key === 'expose'

/** Keys are joined by and, values of one key by or; labels must all match, of keys for ports any. */
export function toPredicate(deps: ContainerDeps, filters: Filters): Predicate {
  const groups = [...filters].map(([key, values]) => ({ key, matches: groupOf(deps, key, values) }))
  const ports = groups.filter(({ key }) => isPortKey(key))
  const others = groups.filter(({ key }) => !isPortKey(key))
  return record =>
    others.every(({ matches }) => matches(record)) &&
    (ports.length === 0 || ports.some(({ matches }) => matches(record)))
}
