const pad = (value: number, width = 2): string => String(value).padStart(width, '0')

function offsetOf(moment: Date): string {
  const minutes = -moment.getTimezoneOffset()
  const absolute = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(absolute / 60))}${pad(absolute % 60)}`
}

/** `CET`, or the offset where a zone has no name. */
function zoneOf(moment: Date): string {
  const offset = offsetOf(moment)
  if (moment.getTimezoneOffset() === 0 && (process.env.TZ ?? 'UTC') !== 'GMT') return 'UTC'
  const name = /\(([^)]+)\)/.exec(moment.toString())?.[1] ?? ''
  const short = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(moment)
  const found = short.find(({ type }) => type === 'timeZoneName')?.value ?? name
  return /^[A-Z]{2,5}$/.test(found) ? found : offset
}

const dayOf = (moment: Date): string =>
  `${pad(moment.getFullYear(), 4)}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`
const timeOf = (moment: Date): string =>
  `${pad(moment.getHours())}:${pad(moment.getMinutes())}:${pad(moment.getSeconds())}`

/** As Go prints a local time: `2026-11-24 07:44:40 +0000 UTC`. */
export function formatLocal(moment: Date): string {
  return `${dayOf(moment)} ${timeOf(moment)} ${offsetOf(moment)} ${zoneOf(moment)}`
}

/** RFC 3339 in our zone: `2026-11-24T07:44:40+01:00`, or `Z` for UTC. */
export function formatRfc3339(moment: Date, fraction = ''): string {
  const zone = moment.getTimezoneOffset() === 0 ? 'Z' : offsetOf(moment).replace(/(\d\d)$/, ':$1')
  return `${dayOf(moment)}T${timeOf(moment)}${fraction && `.${fraction}`}${zone}`
}

/** As C's asctime: `Tue Sep 15 11:02:57 2026`, in the zone that the text itself names. */
export function formatClassic(text: string): string {
  const moment = new Date(text.replace(/(\.\d{3})\d+/, '$1'))
  if (Number.isNaN(moment.getTime())) return text
  const offset = /([+-])(\d\d):(\d\d)$/.exec(text)
  const minutes = offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) : 0
  const shifted = new Date(moment.getTime() + minutes * 60_000)
  const [weekday = '', day = '', month = '', year = ''] = shifted.toUTCString().replace(',', '').split(' ')
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${shifted.toISOString().slice(11, 19)} ${year}`
}

/** As Go prints a UTC time with its nanoseconds: `2026-11-24 07:35:16.326 +0000 UTC`. */
export function formatGoTime(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19).replace('T', ' ')
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  return `${seconds}${fraction && `.${fraction}`} +0000 UTC`
}
