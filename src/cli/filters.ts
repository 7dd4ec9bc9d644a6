import type { Filters } from '../spec/engine-api/engine.ts'

/** `key=value` words as filters. */
export function parseFilters(words: readonly string[]): Filters {
  const filters = new Map<string, string[]>()
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 0) continue
    const key = word.slice(0, equals).trim().toLowerCase()
    filters.set(key, [...(filters.get(key) ?? []), word.slice(equals + 1).trim()])
  }
  return filters
}

/** Filters with those of `pruneFilters` in config.json, where the command line says nothing of the kind. */
export function withPruneFilters(filters: Filters, configured: readonly string[] = []): Filters {
  const merged = new Map(filters)
  for (const word of configured) {
    const equals = word.indexOf('=')
    if (equals < 0) continue
    const [key, value] = [word.slice(0, equals), word.slice(equals + 1)]
    const opposite = key === 'label' ? 'label!' : key === 'label!' ? 'label' : ''
    if (opposite && filters.get(opposite)?.includes(value)) continue
    merged.set(key, [...(merged.get(key) ?? []), value])
  }
  return merged
}

/** Filters as a query takes them; undefined when there are none. */
export function encodeQueryFilters(filters: Filters): string | undefined {
  if (filters.size === 0) return undefined
  const entries = [...filters].sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(
    Object.fromEntries(entries.map(([key, values]) => [key, Object.fromEntries(values.map(value => [value, true]))])),
  )
}
