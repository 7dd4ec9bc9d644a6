import { parseDuration } from '../base/duration.ts'
import { messageOf } from '../base/errors.ts'
import { parseMemorySize } from '../base/size.ts'
import { UsageError } from './errors.ts'
import { checkFilter, type FlagSpec, type FlagTable, isInteger, isList, splitsCommas } from './flags.ts'

export type RawValue = boolean | string | number | readonly string[]

export interface Parsed {
  readonly args: readonly string[]
  readonly flags: Readonly<Record<string, RawValue>>
  /** flags that were given, by long name */
  readonly changed: ReadonlySet<string>
  readonly help: boolean
  /** help was asked for by `-h` */
  readonly isShortHelp: boolean
}

export interface ParseOptions {
  /** options end at the first argument, as for `run` and `exec` */
  readonly stopAtFirst?: boolean
}

const trueWords = ['1', 't', 'T', 'TRUE', 'true', 'True']
const falseWords = ['0', 'f', 'F', 'FALSE', 'false', 'False']

const displayName = (name: string, spec: FlagSpec): string => (spec.short ? `-${spec.short}, --${name}` : `--${name}`)

const invalid = (name: string, spec: FlagSpec, text: string, why: string) =>
  new UsageError(`invalid argument ${JSON.stringify(text)} for "${displayName(name, spec)}" flag: ${why}`)

function toInteger(name: string, spec: FlagSpec, text: string): number {
  const func = spec.type.startsWith('uint') ? 'ParseUint' : spec.type === 'int' ? 'ParseInt' : 'ParseInt'
  const pattern = spec.type.startsWith('uint') ? /^\+?(0[xX][0-9a-fA-F]+|\d+)$/ : /^[+-]?(0[xX][0-9a-fA-F]+|\d+)$/
  const fail = (why: string) => invalid(name, spec, text, `strconv.${func}: parsing ${JSON.stringify(text)}: ${why}`)
  if (!pattern.test(text)) throw fail('invalid syntax')
  const value = Number(text)
  const max = spec.type === 'uint16' ? 65535 : spec.type === 'uint32' ? 4294967295 : Number.MAX_SAFE_INTEGER
  if (Math.abs(value) > max) throw fail('value out of range')
  return value
}

function toBytes(name: string, spec: FlagSpec, text: string): number {
  if (text === '-1' && name === 'memory-swap') return -1
  const bytes = parseMemorySize(text)
  if (bytes === undefined) throw invalid(name, spec, text, `invalid size: '${text}'`)
  return bytes
}

function toNanoCpus(name: string, spec: FlagSpec, text: string): number {
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text))
    throw invalid(name, spec, text, `failed to parse ${text} as a rational number`)
  const fraction = /\.(\d*)$/.exec(text)?.[1] ?? ''
  if (fraction.replace(/0+$/, '').length > 9) throw invalid(name, spec, text, 'value is too precise')
  return Math.round(Number(text) * 1e9)
}

function durationFault(text: string): string {
  if (/^[+-]?\d+(\.\d*)?$/.test(text)) return 'missing unit in'
  const unit = /^[+-]?(?:\d+\.?\d*(?:ns|us|µs|ms|s|m|h))*\d+\.?\d*([^\d.]+)/.exec(text)?.[1]
  return unit ? `unknown unit ${JSON.stringify(unit)} in` : 'invalid'
}

function toScalar(name: string, spec: FlagSpec, text: string): RawValue {
  if (spec.type === 'bool') {
    if (trueWords.includes(text)) return true
    if (falseWords.includes(text)) return false
    throw invalid(name, spec, text, `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  if (isInteger(spec.type)) return toInteger(name, spec, text)
  if (spec.type === 'bytes') return toBytes(name, spec, text)
  if (spec.type === 'decimal') return toNanoCpus(name, spec, text)
  if (spec.type !== 'duration') return checked(name, spec, text)
  const nanos = parseDuration(text)
  if (nanos === undefined)
    throw invalid(name, spec, text, `time: ${durationFault(text)} duration ${JSON.stringify(text)}`)
  return nanos
}

function checked(name: string, spec: FlagSpec, text: string): string {
  try {
    return (spec.check ?? (spec.type === 'filter' ? checkFilter : undefined))?.(text) ?? text
  } catch (error) {
    throw invalid(name, spec, text, messageOf(error))
  }
}

const zeroOf = (spec: FlagSpec): RawValue => {
  if (isList(spec.type)) return []
  if (spec.default !== undefined) return spec.default
  if (spec.type === 'bool') return false
  return isInteger(spec.type) || ['bytes', 'duration', 'decimal'].includes(spec.type) ? 0 : ''
}

class Parser {
  readonly args: string[] = []
  readonly values: Record<string, RawValue> = {}
  readonly changed = new Set<string>()
  help = false
  isShortHelp = false
  readonly #table: FlagTable
  readonly #shorts = new Map<string, string>()
  readonly #warn: (line: string) => void

  constructor(table: FlagTable, warn: (line: string) => void) {
    this.#table = table
    this.#warn = warn
    for (const [name, spec] of Object.entries(table)) {
      this.values[name] = zeroOf(spec)
      if (spec.short) this.#shorts.set(spec.short, name)
    }
  }

  #set(name: string, text: string): void {
    const spec = this.#table[name]!
    if (spec.deprecated && !this.changed.has(name)) this.#warn(`Flag --${name} has been deprecated, ${spec.deprecated}`)
    if (isList(spec.type)) {
      const items = splitsCommas(spec.type) && text !== '' ? text.split(',') : [text]
      this.values[name] = [...(this.values[name] as readonly string[]), ...items.map(item => checked(name, spec, item))]
    } else this.values[name] = toScalar(name, spec, text)
    this.changed.add(name)
  }

  #long(word: string, rest: string[]): void {
    const equals = word.indexOf('=')
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
    if (name.length === 0 || name.startsWith('-')) throw new UsageError(`bad flag syntax: ${word}`)
    const spec = this.#table[name]
    if (!spec) {
      if (name !== 'help') throw new UsageError(`unknown flag: --${name}`)
      this.help = true
      return
    }
    if (equals >= 0) this.#set(name, word.slice(equals + 1))
    else if (spec.type === 'bool') this.#set(name, 'true')
    else if (rest.length > 0) this.#set(name, rest.shift()!)
    else throw new UsageError(`flag needs an argument: --${name}`)
  }

  #shortGroup(word: string, rest: string[]): void {
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!
      const name = this.#shorts.get(letter)
      if (!name) {
        if (letter === 'h') this.isShortHelp = true
        else throw new UsageError(`unknown shorthand flag: '${letter}' in ${word}`)
        this.help = true
        return
      }
      const tail = word.slice(at + 1)
      if (tail.startsWith('=')) {
        this.#set(name, tail.slice(1))
        return
      }
      if (this.#table[name]!.type === 'bool') {
        this.#set(name, 'true')
        continue
      }
      if (tail) {
        this.#set(name, tail)
        return
      }
      if (rest.length === 0) throw new UsageError(`flag needs an argument: '${letter}' in ${word}`)
      this.#set(name, rest.shift()!)
      return
    }
  }

  parse(words: readonly string[], stopAtFirst: boolean): void {
    const rest = [...words]
    for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
      if (word === '--') {
        this.args.push(...rest)
        return
      }
      if (word.startsWith('--')) this.#long(word, rest)
      else if (word.startsWith('-') && word.length > 1) this.#shortGroup(word, rest)
      else {
        this.args.push(word)
        if (!stopAtFirst) continue
        this.args.push(...rest)
        return
      }
      if (this.help) return
    }
  }
}

/**
 * Reads a command line as Go's pflag does: `--a=b`, `--a b`, `-abc`, `-p80:80`, options between arguments, `--`.
 *
 * @throws UsageError with pflag's text
 */
export function parseFlags(
  table: FlagTable,
  words: readonly string[],
  { stopAtFirst = false }: ParseOptions = {},
  warn: (line: string) => void = () => {},
): Parsed {
  const parser = new Parser(table, warn)
  parser.parse(words, stopAtFirst)
  return {
    args: parser.args,
    flags: parser.values,
    changed: parser.changed,
    help: parser.help,
    isShortHelp: parser.isShortHelp,
  }
}
