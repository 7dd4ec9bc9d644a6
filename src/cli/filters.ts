import type { Filters } from '../spec/engine-api/engine.ts'
import { ExitError } from './errors.ts'

/** `key=value` words as filters. */
export function parseFilters(words: readonly string[]): Filters {
  const filters = new Map<string, string[]>()
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 0)
      throw new ExitError(
        125,
        `invalid argument ${JSON.stringify(word)} for "-f, --filter" flag: invalid filter '${word}'`,
      )
    const key = word.slice(0, equals).trim().toLowerCase()
    filters.set(key, [...(filters.get(key) ?? []), word.slice(equals + 1).trim()])
  }
  return filters
}
