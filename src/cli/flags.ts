/** One flag of a command: everything the parser, the help page and the completions know about it. */
export interface FlagSpec {
  /** as in `--help`: `bool`, `string`, `int`, `list`, `strings`, `map`, `bytes`, `duration`, … */
  readonly type: string
  readonly short?: string
  readonly help: string
  /** shown by help and given when the flag is absent */
  readonly default?: boolean | string | number
  /** what help shows as default instead of the value; empty for nothing */
  readonly shownDefault?: string
  readonly hidden?: true
  /** what to say when it is used */
  readonly deprecated?: string
  /** the API version it needs */
  readonly since?: string
  /** only for engines on this system */
  readonly onlyOn?: 'windows'
  /** only for engines with experimental features */
  readonly experimental?: true
  /** gives the text to keep, or throws why it will not do */
  readonly check?: (text: string) => string
  /** what completion offers: `container`, `image`, `network`, `volume`, `context`, or words */
  readonly complete?: string | readonly string[]
}

export type FlagTable = Readonly<Record<string, FlagSpec>>

const integerTypes = ['int', 'int64', 'uint', 'uint16', 'uint32', 'uint64'] as const
type IntegerType = (typeof integerTypes)[number]
const listTypes = [
  'list',
  'strings',
  'stringArray',
  'filter',
  'map',
  'stringToString',
  'ulimit',
  'mount',
  'network',
  'gpu-request',
  'port',
  'secret',
  'config',
  'pref',
  'ipNetSlice',
  'external-ca',
] as const
type ListType = (typeof listTypes)[number]

type ValueOf<S extends FlagSpec> = S['type'] extends 'bool'
  ? boolean
  : S['type'] extends IntegerType | 'bytes' | 'duration' | 'decimal'
    ? number
    : S['type'] extends ListType
      ? readonly string[]
      : string

export type FlagValues<F extends FlagTable> = { readonly [K in keyof F]: ValueOf<F[K]> }

export const isInteger = (type: string): boolean => (integerTypes as readonly string[]).includes(type)
export const isList = (type: string): boolean => (listTypes as readonly string[]).includes(type)

/** Filters need a key. */
export function checkFilter(text: string): string {
  if (text.includes('=') || text === '') return text
  throw new Error('bad format of filter (expected name=value)')
}

/** Types whose values Docker splits at commas. */
export const splitsCommas = (type: string): boolean =>
  type === 'strings' || type === 'stringToString' || type === 'ipNetSlice'

/** The word after the flag in help: none for a bool, Docker's type name for the rest. */
export const placeholderOf = ({ type }: FlagSpec): string =>
  type === 'bool' ? '' : type === 'int64' ? 'int' : type === 'uint64' ? 'uint' : type

/** ` (default X)` as help shows it, or nothing for a zero value. */
export function defaultNote(spec: FlagSpec): string {
  if (spec.shownDefault !== undefined) return spec.shownDefault && ` (default ${spec.shownDefault})`
  if (spec.default !== undefined) {
    if (spec.default === false || spec.default === 0 || spec.default === '') return ''
    const isText = spec.type === 'string' && typeof spec.default === 'string'
    return ` (default ${isText ? JSON.stringify(spec.default) : spec.default})`
  }
  if (spec.type === 'duration') return ' (default 0s)'
  if (spec.type === 'uint16') return ' (default 0)'
  if (spec.type === 'map') return ' (default map[])'
  if (['ulimit', 'stringToString', 'ipNetSlice'].includes(spec.type)) return ' (default [])'
  return ''
}
