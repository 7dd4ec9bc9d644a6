import { parseDuration } from '../../base/duration.ts'
import { nowNanos, parseNanos } from '../../base/time.ts'
import { ExitError } from '../errors.ts'

const second = 1_000_000_000n

/** Local wall-clock text without a zone. */
function parseLocal(text: string): bigint | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
    text,
  )
  if (!match) return undefined
  const [, day, hour = '00', minute = '00', seconds = '00', fraction = '', zone = ''] = match
  const millis = Date.parse(`${day}T${hour}:${minute}:${seconds}${zone}`)
  return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** A moment from `10m` (ago), unix seconds, RFC 3339 or a local date, in nanoseconds. */
export function parseMoment(text: string): bigint | undefined {
  if (!text) return undefined
  const ago = parseDuration(text)
  if (ago !== undefined && text !== '0') return (nowNanos() / second) * second - BigInt(Math.trunc(ago / 1e9)) * second
  if (/^\d+(\.\d+)?$/.test(text)) {
    const [whole = '0', fraction = ''] = text.split('.')
    return BigInt(whole) * second + BigInt(fraction.padEnd(9, '0').slice(0, 9))
  }
  const nanos = parseNanos(text) ?? parseLocal(text)
  if (nanos === undefined) throw new ExitError(1, `failed to parse value as time or duration: ${JSON.stringify(text)}`)
  return nanos
}
