import type { Filters } from '../spec/engine-api/engine.ts'
import type { EventMessage } from '../spec/engine-api/system.ts'

const prefixed = ['exec_create', 'exec_start', 'health_status']

function matchesAction(action: string, wanted: string): boolean {
  if (action === wanted) return true
  return prefixed.some(prefix => wanted.startsWith(prefix) && action.startsWith(wanted))
}

function matchesLabel(attributes: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = '', value] = wanted.split(/=(.*)/s)
  return value === undefined ? attributes[key] !== undefined : attributes[key] === value
}

const withoutTag = (name: string): string => name.replace(/:[^/:]*$/, '')

/** One key's values, of which any may match (labels: all). */
function matchesKey(event: EventMessage, key: string, values: readonly string[]): boolean {
  const attributes = event.Actor?.Attributes ?? {}
  const id = event.Actor?.ID ?? ''
  switch (key) {
    case 'type':
      return values.includes(event.Type ?? '')
    case 'event':
      return values.some(value => matchesAction(event.Action ?? '', value))
    case 'label':
      return values.every(value => matchesLabel(attributes, value))
    case 'scope':
      return values.includes('local')
    case 'image': {
      const name = event.Type === 'image' ? (attributes.name ?? '') : (attributes.image ?? '')
      return values.some(value => [id, name, withoutTag(name)].includes(value))
    }
    case 'container':
    case 'daemon':
    case 'network':
    case 'node':
    case 'plugin':
    case 'service':
    case 'volume':
      return (
        event.Type === key && values.some(value => id.startsWith(value) || (attributes.name ?? '').startsWith(value))
      )
    default:
      return true
  }
}

export const matchesEvent = (event: EventMessage, filters: Filters): boolean =>
  [...filters].every(([key, values]) => values.length === 0 || matchesKey(event, key, values))
