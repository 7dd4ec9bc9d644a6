import { cut, parseCsv } from './csv.ts'

export interface DeviceRequest {
  readonly Driver: string
  readonly Count: number
  readonly DeviceIDs: readonly string[] | null
  readonly Capabilities: readonly (readonly string[])[] | null
  readonly Options: Readonly<Record<string, string>> | null
}

function count(text: string): number {
  if (text === 'all') return -1
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw new Error(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`)
}

/** `all`, `2` or `device=0,1,capabilities=utility` as the engine takes it. */
export function parseGpus(text: string): DeviceRequest {
  const seen = new Map<string, string>()
  for (const field of parseCsv(text)) {
    const [key, value] = cut(field)
    if (seen.has(key)) throw new Error(`gpu request key '${key}' can be specified only once`)
    if (value !== undefined && !['driver', 'count', 'device', 'capabilities', 'options'].includes(key))
      throw new Error(`unexpected key '${key}' in '${field}'`)
    if (value === undefined) {
      count(key)
      seen.set('count', key).set(key, '')
    } else seen.set(key, value)
  }
  const devices = seen.get('device')
  const options = parseCsv(seen.get('options') ?? '').filter(Boolean)
  const counted = seen.get('count')
  return {
    Driver: seen.get('driver') ?? '',
    Count: counted !== undefined ? count(counted) : devices === undefined ? 1 : 0,
    DeviceIDs: devices?.split(',') ?? null,
    Capabilities: [[...(seen.get('capabilities')?.split(',') ?? []), 'gpu']],
    Options: Object.fromEntries(options.map(pair => [cut(pair)[0], cut(pair)[1] ?? ''])),
  }
}
