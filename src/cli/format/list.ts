import { messageOf } from '../../base/errors.ts'
import { ExitError } from '../errors.ts'
import type { Output } from '../output.ts'
import { goJson } from './functions.ts'
import { alignTabs } from './tabwriter.ts'
import { parseTemplate } from './template.ts'

/** One field of a row: its heading in tables and how to get it; a `call` takes arguments in templates. */
export interface Column<T> {
  readonly heading: string
  readonly get: (item: T) => unknown
  readonly call?: (item: T, argument: string) => unknown
  /** left out of `--format json` */
  readonly hidden?: true
}

export type Columns<T> = Readonly<Record<string, Column<T>>>

/** A row in a template: only what it asks for is worked out. */
function rowOf<T>(columns: Columns<T>, item: T): object {
  const row = {}
  for (const [name, { call, get }] of Object.entries(columns)) {
    const value = call
      ? () => (argument?: string) => (argument === undefined ? get(item) : call(item, argument))
      : () => get(item)
    Object.defineProperty(row, name, { get: value, enumerable: true })
  }
  Object.defineProperty(row, 'toJSON', { value: () => jsonRow(columns, item) })
  return row
}

const jsonRow = <T>(columns: Columns<T>, item: T): object =>
  Object.fromEntries(
    Object.entries(columns)
      .filter(([, column]) => !column.hidden)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { get }]) => [name, get(item)]),
  )

const headingsOf = <T>(columns: Columns<T>): object =>
  Object.fromEntries(
    Object.entries(columns).map(([name, { call, heading }]) => [
      name,
      call ? (argument?: string) => argument ?? heading : heading,
    ]),
  )

const unslash = (text: string): string => text.replaceAll('\\t', '\t').replaceAll('\\n', '\n')

function filled(render: (data: unknown) => string, row: object): string {
  try {
    return render(row)
  } catch (error) {
    throw new ExitError(1, `failed to execute template: ${messageOf(error)}`)
  }
}

/** The lines of a list as `--format` says: `table …`, `json`, or a template of each; `table` alone is the fallback. */
export function formatList<T>(columns: Columns<T>, items: readonly T[], format: string, fallback: string): string {
  if (format === 'json') return items.map(item => `${goJson(jsonRow(columns, item), true)}\n`).join('')
  const wanted = format === '' || format === 'table' ? `table ${fallback}` : format
  const isTable = wanted.startsWith('table')
  const source = unslash(isTable ? wanted.slice('table'.length).trim() : wanted)
  const render = parseTemplate(source)
  const lines = items.map(item => `${filled(render, rowOf(columns, item))}\n`)
  if (!isTable) return lines.join('')
  const heading = parseTemplate(source, { isHeading: true })(headingsOf(columns))
  return alignTabs(`${heading}\n${lines.join('')}`)
}

/** Prints items as `--format` says. */
export function printList<T>(
  out: Output,
  columns: Columns<T>,
  items: readonly T[],
  format: string,
  fallback: string,
): void {
  out.write(formatList(columns, items, format, fallback))
}

/** `json` or a template for one object. */
export function printOne(out: Output, data: unknown, format: string): void {
  if (format === 'json') out.line(goJson(data))
  else out.line(parseTemplate(format)(data))
}

/** What an engine that does not answer would have told: in templates each field is empty, as in Docker's. */
export const unanswered = (known: object = {}): object =>
  new Proxy(known, {
    has: () => true,
    get: (target, name) => (name in target ? Reflect.get(target, name) : ''),
  })

export const refuseBoth = (a: string, b: string) =>
  new ExitError(1, `conflicting options: cannot specify both --${a} and --${b}`)
