import { parseDuration } from '../../base/duration.ts'
import { EngineError, messageOf } from '../../base/errors.ts'
import { parseError } from '../dockerfile/error.ts'
import type { Instruction } from '../dockerfile/instruction.ts'
import { metadata, type Op, quotedList } from './op.ts'

const durations = [
  ['interval', 'Interval'],
  ['timeout', 'Timeout'],
  ['start-period', 'StartPeriod'],
  ['start-interval', 'StartInterval'],
] as const

export const healthcheck: Op = (instruction, stage) => {
  if (stage.dialect === 'buildkit') checkHealth(instruction)
  const Test = testOf(instruction)
  const times = durations.map(([flag, key]) => [key, nanosOf(instruction, flag)] as const)
  const Retries = retriesOf(instruction)
  const set = Object.fromEntries(times.filter(([, nanos]) => nanos !== 0))
  const texts = times.map(([, nanos]) => formatGoDuration(nanos)).join(' ')
  const quoted = times.map(([, nanos]) => JSON.stringify(formatGoDuration(nanos))).join(' ')
  return metadata(
    stage,
    `HEALTHCHECK &{[${Test.join(' ')}] ${texts} ${Retries}}`,
    { Healthcheck: { Test, ...set, ...(Retries ? { Retries } : {}) } },
    `HEALTHCHECK &{${quotedList(Test)} ${quoted} ${quotedRune(Retries)}}`,
  )
}

const runeNames: Readonly<Record<number, string>> = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r' }

/** As Go prints a number with `%q`: the character that it stands for. */
function quotedRune(code: number): string {
  if (runeNames[code]) return `'\\${runeNames[code]}'`
  return code < 32 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${String.fromCodePoint(code)}'`
}

/** @throws EngineError `invalid`, with the line: it is found before anything is built */
export function checkHealth(instruction: Instruction): void {
  testOf(instruction)
  try {
    for (const [flag] of durations) nanosOf(instruction, flag)
    retriesOf(instruction)
  } catch (error) {
    throw parseError(instruction.line, messageOf(error))
  }
}

function testOf({ args, line, flags }: Instruction): readonly string[] {
  const [, type = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(args[0]!) ?? []
  if (type.toUpperCase() === 'NONE') {
    if (rest) throw parseError(line, 'HEALTHCHECK NONE takes no arguments')
    if (flags.size) throw parseError(line, 'HEALTHCHECK NONE takes no flags')
    return ['NONE']
  }
  if (type.toUpperCase() !== 'CMD')
    throw parseError(line, `Unknown type ${JSON.stringify(type.toUpperCase())} in HEALTHCHECK (try CMD)`)
  if (!rest) throw parseError(line, 'Missing command after HEALTHCHECK CMD')
  const list = jsonOf(rest)
  return list ? ['CMD', ...list] : ['CMD-SHELL', rest]
}

function jsonOf(text: string): readonly string[] | undefined {
  try {
    const list = JSON.parse(text)
    return Array.isArray(list) && list.every(each => typeof each === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function nanosOf({ flags }: Instruction, flag: string): number {
  const text = flags.get(flag)?.at(-1)
  if (text === undefined) return 0
  const nanos = parseDuration(text)
  if (nanos === undefined) throw new EngineError('invalid', `time: invalid duration ${JSON.stringify(text)}`)
  if (nanos !== 0 && nanos < 1e6)
    throw new EngineError('invalid', `Interval ${JSON.stringify(flag)} cannot be less than 1ms`)
  return nanos
}

function retriesOf({ flags }: Instruction): number {
  const text = flags.get('retries')?.at(-1)
  if (text === undefined) return 0
  if (!/^-?\d+$/.test(text))
    throw new EngineError('invalid', `strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (Number(text) < 0) throw new EngineError('invalid', `--retries cannot be negative (${Number(text)})`)
  return Number(text)
}

/** As Go prints a time.Duration: `1m30s`, `500ms`. */
export function formatGoDuration(nanos: number): string {
  if (nanos === 0) return '0s'
  if (nanos < 1e3) return `${nanos}ns`
  if (nanos < 1e6) return `${nanos / 1e3}µs`
  if (nanos < 1e9) return `${nanos / 1e6}ms`
  const hours = Math.floor(nanos / 3600e9)
  const minutes = Math.floor((nanos % 3600e9) / 60e9)
  const seconds = (nanos % 60e9) / 1e9
  return `${hours ? `${hours}h` : ''}${hours || minutes ? `${minutes}m` : ''}${seconds}s`
}
