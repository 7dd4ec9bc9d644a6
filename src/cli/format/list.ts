import type { Output } from '../output.ts'
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

const rowOf = <T>(columns: Columns<T>, item: T): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(columns).map(([name, { call, get }]) => [
      name,
      call ? (argument?: string) => (argument === undefined ? get(item) : call(item, argument)) : get(item),
    ]),
  )

const jsonOf = <T>(columns: Columns<T>, item: T): string => {
  const shown = Object.entries(columns)
    .filter(([, column]) => !column.hidden)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(Object.fromEntries(shown.map(([name, { get }]) => [name, get(item)])))
}

/** Prints items as `--format` says: `table …`, `json`, or a template of each; `table` alone is `fallback`. */
export function printList<T>(
  out: Output,
  columns: Columns<T>,
  items: readonly T[],
  format: string,
  fallback: string,
): void {
  if (format === 'json' || format === '{{json .}}') {
    for (const item of items) out.line(jsonOf(columns, item))
    return
  }
  const wanted = format === '' || format === 'table' ? `table ${fallback}` : format
  const isTable = wanted.startsWith('table')
  const source = (isTable ? wanted.slice('table'.length).trim() : wanted)
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n')
  const render = parseTemplate(source)
  const lines = items.map(item => `${render(rowOf(columns, item))}\n`)
  if (!isTable) {
    out.write(lines.join(''))
    return
  }
  const headings = Object.fromEntries(
    Object.entries(columns).map(([name, { call, heading }]) => [
      name,
      call ? (argument?: string) => argument ?? heading : heading,
    ]),
  )
  out.write(
    alignTabs(
      `${parseTemplate(source.replace(/\{\{\s*(json|upper|lower|title)\s+/g, '{{'))(headings)}\n${lines.join('')}`,
    ),
  )
}
