import type { IPAMConfig } from '../spec/engine-api/network.ts'
import { type Cidr, formatIp, isInside, lastOf, parseCidr, parseIp } from './ip.ts'

/**
 * The free and taken addresses of one subnet, in memory only: records and kernel tell after a restart who has what.
 * The lowest free address goes out first, as in Docker.
 */
export class AddressPool {
  readonly subnet: Cidr
  readonly #range: Cidr
  readonly #taken = new Set<bigint>()
  /** nothing below is free */
  #lowest = 0n

  constructor(config: IPAMConfig) {
    this.subnet = parseCidr(config.Subnet!)!
    this.#range = (config.IPRange && parseCidr(config.IPRange)) || this.subnet
    const reserved = [config.Gateway, ...Object.values(config.AuxiliaryAddresses ?? {})]
    for (const address of reserved) if (address) this.take(address.split('/')[0]!)
  }

  includes(address: string): boolean {
    return isInside(address, this.subnet)
  }

  /** False when somebody has it. */
  take(address: string): boolean {
    const value = parseIp(address)!.value
    if (this.#taken.has(value)) return false
    this.#taken.add(value)
    return true
  }

  /** The lowest free address, or undefined when there is none. */
  takeNext(): string | undefined {
    const [first, last] = this.#bounds()
    if (this.#lowest < first) this.#lowest = first
    for (let value = this.#lowest; value <= last; value++) {
      if (this.#taken.has(value)) continue
      this.#taken.add(value)
      this.#lowest = value + 1n
      return formatIp(this.subnet.family, value)
    }
    return undefined
  }

  release(address: string): void {
    const ip = parseIp(address)
    if (ip && this.#taken.delete(ip.value) && ip.value < this.#lowest) this.#lowest = ip.value
  }

  /** Without the network's own address and, in IPv4, the broadcast address. */
  #bounds(): [bigint, bigint] {
    const { base, family, prefix } = this.subnet
    const small = prefix >= (family === 4 ? 31 : 127)
    const [low, high] = small
      ? [base, lastOf(this.subnet)]
      : [base + 1n, lastOf(this.subnet) - (family === 4 ? 1n : 0n)]
    const max = (a: bigint, b: bigint) => (a > b ? a : b)
    const min = (a: bigint, b: bigint) => (a < b ? a : b)
    return [max(low, this.#range.base), min(high, lastOf(this.#range))]
  }
}
