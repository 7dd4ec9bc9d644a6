import { globPattern } from '../archive/ignore.ts'
import { parseDuration } from '../base/duration.ts'
import { EngineError } from '../base/errors.ts'
import type { Filters } from '../spec/engine-api/engine.ts'
import { familiarName, formatFamiliar, parseReference } from '../spec/reference.ts'
import type { ImageRecord } from './record.ts'

/** @throws EngineError `invalid` for a filter that the endpoint does not know */
export function checkFilters(filters: Filters, known: readonly string[]): void {
  for (const key of filters.keys())
    if (!known.includes(key)) throw new EngineError('invalid', `invalid filter '${key}'`)
}

/** `dangling` and the like; undefined when it is not given. */
export function booleanFilter(filters: Filters, key: string): boolean | undefined {
  const values = filters.get(key)
  if (!values?.length) return undefined
  const isTrue = values.some(value => ['1', 'true', 't'].includes(value.toLowerCase()))
  const isFalse = values.some(value => ['0', 'false', 'f'].includes(value.toLowerCase()))
  if (isTrue === isFalse) throw new EngineError('invalid', `invalid filter '${key}=[${values.join(' ')}]'`)
  return isTrue
}

/** `key` or `key=value`: all must be there. */
export function matchesLabels(labels: Readonly<Record<string, string>> | null | undefined, filters: Filters): boolean {
  const has = (filter: string) => {
    const [key = '', ...value] = filter.split('=')
    return labels?.[key] !== undefined && (value.length === 0 || labels[key] === value.join('='))
  }
  return (filters.get('label') ?? []).every(has) && !(filters.get('label!') ?? []).some(has)
}

/** Milliseconds since 1970 from a Unix time, RFC 3339 or a duration before now. */
export function untilMillis(filters: Filters): number | undefined {
  const values = filters.get('until')
  if (!values?.length) return undefined
  if (values.length > 1) throw new EngineError('invalid', 'more than one until filter specified')
  const text = values[0]!
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const duration = parseDuration(text)
  if (duration !== undefined) return Date.now() - Number(duration) / 1e6
  const moment = Date.parse(text)
  if (Number.isNaN(moment))
    throw new EngineError('invalid', `failed to parse value as time or duration: ${JSON.stringify(text)}`)
  return moment
}

export const createdMillis = ({ config }: ImageRecord): number => Date.parse(config.created ?? '') || 0

/** Whether a name in full matches one of the patterns, on what people write, with or without the tag. */
export function matchesReference(fullName: string, patterns: readonly string[]): boolean {
  const reference = parseReference(fullName)
  const forms = [formatFamiliar(reference), familiarName(reference), fullName]
  return patterns.map(globPattern).some(pattern => forms.some(form => pattern.test(form)))
}
