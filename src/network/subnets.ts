import { EngineError } from '../base/errors.ts'
import { type Cidr, formatCidr, lastOf, parseCidr } from './ip.ts'

/** A default pool: `base` is cut into subnets of prefix `size`. */
export interface DefaultPool {
  readonly base: string
  readonly size: number
}

export const dockerPools: readonly DefaultPool[] = [
  { base: '172.17.0.0/16', size: 16 },
  { base: '172.18.0.0/16', size: 16 },
  { base: '172.19.0.0/16', size: 16 },
  { base: '172.20.0.0/14', size: 16 },
  { base: '172.24.0.0/14', size: 16 },
  { base: '172.28.0.0/14', size: 16 },
  { base: '192.168.0.0/16', size: 20 },
]

/**
 * The first subnet of the pools that clashes with nothing in `used`.
 *
 * @throws EngineError `invalid` when all are used
 */
export function pickSubnet(pools: readonly DefaultPool[], family: 4 | 6, used: readonly Cidr[]): string {
  const bits = family === 4 ? 32 : 128
  const taken = used.filter(other => other.family === family).sort((a, b) => (a.base < b.base ? -1 : 1))
  for (const pool of pools) {
    const base = parseCidr(pool.base)
    if (base?.family !== family) continue
    const step = 1n << BigInt(bits - pool.size)
    let at = base.base
    for (const other of taken) {
      const last = lastOf(other)
      if (other.base >= at + step) break
      if (last >= at) at = last + 1n + ((step - ((last + 1n) % step)) % step)
    }
    if (at <= lastOf(base)) return formatCidr({ family, base: at, prefix: pool.size, address: at })
  }
  throw new EngineError('invalid', 'all predefined address pools have been fully subnetted')
}
