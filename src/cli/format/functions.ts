import { isBigNumber } from '../../base/json.ts'

/** Go's idea of truth: not zero, not empty. */
export function truthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (value !== null && typeof value === 'object') return Object.keys(value).length > 0
  return Boolean(value)
}

/** A value as Go's `%v` prints it. */
export function printValue(value: unknown): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(printValue).join(' ')}]`
  if (typeof value !== 'object' || isBigNumber(value)) return String(value)
  if (value instanceof Map) return printValue(Object.fromEntries(value))
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${pairs.map(([key, item]) => `${key}:${printValue(item)}`).join(' ')}]`
}

/** JSON as Go's encoder writes it; `isHtmlSafe` escapes what could end a script. */
export function goJson(value: unknown, isHtmlSafe = false): string {
  const text = JSON.stringify(value === undefined ? null : value)
  const safe = isHtmlSafe ? text.replace(/[<>&]/g, mark => `\\u00${mark.charCodeAt(0).toString(16)}`) : text
  return safe.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

const compare = (a: unknown, b: unknown): number => ((a as string) < (b as string) ? -1 : a === b ? 0 : 1)

const lengthOf = (value: unknown): number =>
  typeof value === 'string' ? Buffer.byteLength(value) : Object.keys((value ?? []) as object).length

const format = (pattern: string, values: readonly unknown[]): string => {
  const rest = [...values]
  return pattern.replace(/%(-?\d*)([vsdqt%])/g, (_, width: string, verb: string) => {
    if (verb === '%') return '%'
    const text = verb === 'q' ? JSON.stringify(rest.shift()) : printValue(rest.shift())
    return width.startsWith('-') ? text.padEnd(Number(width.slice(1))) : text.padStart(Number(width || 0))
  })
}

/** Rows of a list encode themselves, with Go's escapes. */
const hasOwnJson = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, 'toJSON')

const functions: Readonly<Record<string, (...args: never[]) => unknown>> = {
  json: (value: unknown) => goJson(value, hasOwnJson(value)),
  split: (text: string, mark: string) => text.split(mark),
  join: (list: readonly string[], mark: string) => (list ?? []).join(mark),
  title: (text: string) => text.replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, letter => letter.toUpperCase()),
  lower: (text: string) => text.toLowerCase(),
  upper: (text: string) => text.toUpperCase(),
  pad: (text: string, before: number, after: number) => (text ? ' '.repeat(before) + text + ' '.repeat(after) : text),
  truncate: (text: string, length: number) => text.slice(0, length),
  println: (...values: unknown[]) => `${values.map(printValue).join(' ')}\n`,
  print: (...values: unknown[]) => values.map(printValue).join(''),
  printf: (pattern: string, ...values: unknown[]) => format(pattern, values),
  len: lengthOf,
  index: (value: unknown, ...keys: readonly string[]) =>
    keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value) ?? '',
  slice: (value: string, from = 0, to?: number) => value.slice(from, to),
  eq: (first: unknown, ...others: unknown[]) => others.some(other => first === other),
  ne: (a: unknown, b: unknown) => a !== b,
  lt: (a: unknown, b: unknown) => compare(a, b) < 0,
  le: (a: unknown, b: unknown) => compare(a, b) <= 0,
  gt: (a: unknown, b: unknown) => compare(a, b) > 0,
  ge: (a: unknown, b: unknown) => compare(a, b) >= 0,
  not: (value: unknown) => !truthy(value),
  and: (...values: unknown[]) => values.find(value => !truthy(value)) ?? values.at(-1),
  or: (...values: unknown[]) => values.find(truthy) ?? values.at(-1),
  html: (value: unknown) =>
    printValue(value).replace(/[<>&]/g, mark => ({ '<': '&lt;', '>': '&gt;' })[mark] ?? '&amp;'),
  urlquery: (value: unknown) => encodeURIComponent(printValue(value)),
  table: (value: unknown) => value,
}

/** Runs a template function by name. */
export function callFunction(name: string, args: readonly unknown[], fail: (why: string) => Error): unknown {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined
  if (!found) throw fail(`function ${JSON.stringify(name)} not defined`)
  return found(...(args as never[]))
}
