import { isIP, isIPv4 } from 'node:net'

/** A range of addresses; numbers so that both families count alike. */
export interface Cidr {
  readonly family: 4 | 6
  readonly base: bigint
  readonly prefix: number
  /** as it was written, host bits kept */
  readonly address: bigint
}

/** The number of an address; undefined when it is none. */
export function parseIp(text: string): { readonly family: 4 | 6; readonly value: bigint } | undefined {
  if (isIPv4(text)) return { family: 4, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) }
  if (isIP(text) !== 6 || text.includes('%')) return undefined
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const tail4 = dotted && parseIp(dotted[2]!)?.value
  const plain = dotted ? `${dotted[1]}${(tail4! >> 16n).toString(16)}:${(tail4! & 0xffffn).toString(16)}` : text
  const [head = '', tail] = plain.split('::')
  const words = (side: string | undefined) => (side ? side.split(':') : [])
  const [left, right] = [words(head), words(tail)]
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  const value = [...left, ...zeros, ...right].reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n)
  return { family: 6, value }
}

/** The usual text of an address: IPv6 with its longest run of zeros left out. */
export function formatIp(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')
  const words = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - i * 16)) & 0xffffn).toString(16))
  const joined = words.join(':')
  const longest = [...joined.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)[0]
  if (!longest) return joined
  const rest = joined.slice(longest.index + longest[0].length).replace(/^:/, '')
  return `${joined.slice(0, longest.index)}::${rest}`
}

const bits = (family: 4 | 6): number => (family === 4 ? 32 : 128)

export const sizeOf = ({ family, prefix }: Cidr): bigint => 1n << BigInt(bits(family) - prefix)
export const lastOf = (cidr: Cidr): bigint => cidr.base + sizeOf(cidr) - 1n

export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text)
  const ip = match && parseIp(match[1]!)
  const prefix = Number(match?.[2])
  if (!ip || prefix > bits(ip.family)) return undefined
  const size = 1n << BigInt(bits(ip.family) - prefix)
  return { family: ip.family, base: ip.value - (ip.value % size), prefix, address: ip.value }
}

export const formatCidr = ({ family, base, prefix }: Cidr): string => `${formatIp(family, base)}/${prefix}`

export function isInside(text: string, cidr: Cidr): boolean {
  const ip = parseIp(text)
  return ip?.family === cidr.family && ip.value >= cidr.base && ip.value <= lastOf(cidr)
}

export const overlaps = (a: Cidr, b: Cidr): boolean =>
  a.family === b.family && a.base <= lastOf(b) && b.base <= lastOf(a)
