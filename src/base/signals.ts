import { constants } from 'node:os'
import { EngineError } from './errors.ts'

const numbers: Readonly<Record<string, number>> = { ...constants.signals, SIGCLD: constants.signals.SIGCHLD }
const maxSignal = 64

/** From either end to the middle: `RTMIN+15` and `RTMAX-14` are neighbours. */
function realtime(name: string): number | undefined {
  const match = /^RT(?:(MIN)(?:\+(\d|1[0-5]))?|MAX(?:-(\d|1[0-4]))?)$/.exec(name)
  if (!match) return undefined
  const [, isMin, above = 0, below = 0] = match
  return isMin ? 34 + Number(above) : maxSignal - Number(below)
}

/**
 * `TERM`, `SIGTERM`, `15` or `RTMIN+3` as a number.
 *
 * @throws EngineError `invalid` with Docker's text
 */
export function parseSignalName(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : (numbers[`SIG${name}`] ?? realtime(name))
  if (!number || !Number.isSafeInteger(number)) throw new EngineError('invalid', `invalid signal: ${text}`)
  return number
}

/** The same for a signal that is to be sent now. */
export function parseSignal(text: string): number {
  const number = parseSignalName(text)
  if (number < 0 || number > maxSignal)
    throw new EngineError('invalid', `the linux daemon does not support signal ${number}`)
  return number
}
