import { EngineError } from '../base/errors.ts'
import { type Cidr, formatCidr, overlaps, parseCidr } from './ip.ts'

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
  for (const pool of pools) {
    const base = parseCidr(pool.base)
    if (base?.family !== family) continue
    const step = 1n << BigInt((family === 4 ? 32 : 128) - pool.size)
    const end = base.base + (1n << BigInt((family === 4 ? 32 : 128) - base.prefix))
    for (let at = base.base; at < end; ) {
      const subnet: Cidr = { family, base: at, prefix: pool.size, address: at }
      const clash = used.find(other => overlaps(subnet, other))
      if (!clash) return formatCidr(subnet)
      // jump behind a clash that is larger than one step
      const behind = clash.base + (1n << BigInt((family === 4 ? 32 : 128) - clash.prefix))
      at = behind > at + step ? behind + ((step - (behind % step)) % step) : at + step
    }
  }
  throw new EngineError('invalid', 'all predefined address pools have been fully subnetted')
}
