import { EngineError } from '../base/errors.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import { anonymousLabel } from './record.ts'

type Labels = Readonly<Record<string, string>> | null

interface Candidate {
  readonly name: string
  readonly driver: string
  readonly labels: Labels
}

function refuseOthers(filters: Filters, allowed: readonly string[]): void {
  for (const key of filters.keys())
    if (!allowed.includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
}

/** What `volume ls` shows. @throws EngineError `invalid` with Docker's text */
export function listTest(filters: Filters, isUsed: (name: string) => boolean): (volume: Candidate) => boolean {
  refuseOthers(filters, ['dangling', 'name', 'driver', 'label'])
  const [dangling] = filters.get('dangling') ?? []
  if (dangling !== undefined && !/^(true|1|false|0)$/.test(dangling))
    throw new EngineError('invalid', `invalid filter 'dangling=[${dangling}]'`)
  const wantsDangling = dangling === undefined ? undefined : dangling === 'true' || dangling === '1'
  const some = (key: string, test: (value: string) => boolean) => filters.get(key)?.some(test) ?? true
  return ({ name, driver, labels }) =>
    (wantsDangling === undefined || isUsed(name) !== wantsDangling) &&
    some('name', value => name.includes(value)) &&
    some('driver', value => driver === value) &&
    (filters.get('label') ?? []).every(wish => hasLabel(labels, wish))
}

/** What `volume prune` takes of the volumes that nobody uses. @throws EngineError `invalid` with Docker's text */
export function pruneTest(filters: Filters): (labels: Labels) => boolean {
  refuseOthers(filters, ['label', 'label!', 'all'])
  const all = /^(true|1)$/.test(filters.get('all')?.[0] ?? '')
  return labels =>
    (all || (labels !== null && anonymousLabel in labels)) &&
    (filters.get('label') ?? []).every(wish => hasLabel(labels, wish)) &&
    !(filters.get('label!') ?? []).some(wish => hasLabel(labels, wish))
}

function hasLabel(labels: Labels, wish: string): boolean {
  const at = wish.indexOf('=')
  if (!labels) return false
  return at < 0 ? wish in labels : labels[wish.slice(0, at)] === wish.slice(at + 1)
}
