import { BlockList, isIP } from 'node:net'
import { ExitError } from '../errors.ts'

interface Pool {
  readonly Subnet: string
  readonly IPRange: string
  readonly Gateway: string
  readonly AuxiliaryAddresses: Readonly<Record<string, string>>
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4')

const invalidCidr = (text: string) => new ExitError(1, `invalid CIDR address: ${text}`)

function isCidr(subnet: string): boolean {
  const [address = '', bits = ''] = subnet.split('/')
  const max = familyOf(address) === 'ipv6' ? 128 : 32
  return isIP(address) !== 0 && /^\d+$/.test(bits) && Number(bits) <= max
}

function listOf(subnet: string): BlockList {
  const [address = '', bits = ''] = subnet.split('/')
  if (!isCidr(subnet)) throw invalidCidr(subnet)
  const list = new BlockList()
  list.addSubnet(address, Number(bits), familyOf(address))
  return list
}

/** Whether a subnet holds an address, or the first address of a range. */
function holds(subnet: string, address: string): boolean {
  const first = address.split('/')[0]!
  if (!isIP(first)) {
    if (address.includes('/')) throw invalidCidr(address)
    throw new ExitError(1, `invalid address: ${address}`)
  }
  return familyOf(first) === familyOf(subnet) && listOf(subnet).check(first, familyOf(first))
}

const overlap = (a: string, b: string): boolean => holds(a, b) || holds(b, a)

/** Subnets with the ranges, gateways and reserved addresses that belong to each. */
export function toIpam(
  subnets: readonly string[],
  ranges: readonly string[],
  gateways: readonly string[],
  reserved: Readonly<Record<string, string>>,
): readonly Partial<Pool>[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length)
    throw new ExitError(1, 'every ip-range or gateway must have a corresponding subnet')
  const pools = new Map<string, Pool>()
  for (const Subnet of subnets) {
    if ([...pools.keys()].some(other => overlap(other, Subnet)))
      throw new ExitError(1, 'multiple overlapping subnet configuration is not supported')
    pools.set(Subnet, { Subnet, IPRange: '', Gateway: '', AuxiliaryAddresses: {} })
  }
  const place = (address: string, kind: string, field: 'IPRange' | 'Gateway') => {
    const pool = [...pools.values()].find(({ Subnet }) => holds(Subnet, address))
    if (!pool) throw new ExitError(1, `no matching subnet for ${kind} ${address}`)
    if (pool[field])
      throw new ExitError(
        1,
        `cannot configure multiple ${kind}s (${address}, ${pool[field]}) on the same subnet (${pool.Subnet})`,
      )
    pools.set(pool.Subnet, { ...pool, [field]: address })
  }
  for (const range of ranges) place(range, 'range', 'IPRange')
  for (const gateway of gateways) place(gateway, 'gateway', 'Gateway')
  for (const [name, address] of Object.entries(reserved)) {
    const pool = [...pools.values()].find(({ Subnet }) => holds(Subnet, address))
    if (!pool) throw new ExitError(1, `no matching subnet for aux-address ${address}`)
    pools.set(pool.Subnet, { ...pool, AuxiliaryAddresses: { ...pool.AuxiliaryAddresses, [name]: address } })
  }
  return [...pools.values()].map(({ AuxiliaryAddresses, Gateway, IPRange, Subnet }) => ({
    Subnet,
    ...(IPRange ? { IPRange } : {}),
    ...(Gateway ? { Gateway } : {}),
    ...(Object.keys(AuxiliaryAddresses).length ? { AuxiliaryAddresses } : {}),
  }))
}
