import { constants } from 'node:os'
import { EngineError } from './errors.ts'

const numbers: Readonly<Record<string, number>> = constants.signals

function realtime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name)
  if (!match) return undefined
  const base = match[1] === 'MIN' ? 34 : 64
  return base + (match[2] === '-' ? -1 : 1) * Number(match[3] ?? 0)
}

/**
 * `TERM`, `SIGTERM`, `15` or `RTMIN+3` as a number.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function parseSignal(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : (numbers[`SIG${name}`] ?? realtime(name))
  if (number === undefined || number === 0) throw new EngineError('invalid', `invalid signal: ${text}`)
  if (number > 64 || number < 0) throw new EngineError('invalid', `the linux daemon does not support signal ${number}`)
  return number
}
