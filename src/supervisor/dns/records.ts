import { types } from './message.ts'

export interface AddressRecord {
  readonly address: string
  readonly ttlSeconds: number
}

/** Behind a name; undefined when it does not end. */
function skipName(data: Buffer, start: number): number | undefined {
  for (let at = start; at < data.length; ) {
    const length = data[at]!
    if (length === 0) return at + 1
    if (length >= 0xc0) return at + 2
    at += length + 1
  }
  return undefined
}

const formatAddress = (bytes: Buffer): string =>
  bytes.length === 4 ? bytes.join('.') : bytes.toString('hex').match(/.{4}/g)!.join(':')

/** The addresses among the answers of a reply, whatever names they belong to: aliases lead there. */
export function readAddresses(data: Buffer): readonly AddressRecord[] {
  if (data.length < 12) return []
  const found: AddressRecord[] = []
  let at: number | undefined = 12
  for (let i = data.readUInt16BE(4); i > 0 && at !== undefined; i--) {
    at = skipName(data, at)
    if (at !== undefined) at += 4
  }
  for (let i = data.readUInt16BE(6); i > 0 && at !== undefined; i--) {
    at = skipName(data, at)
    if (at === undefined || at + 10 > data.length) break
    const [type, ttlSeconds, length] = [data.readUInt16BE(at), data.readUInt32BE(at + 4), data.readUInt16BE(at + 8)]
    const value = data.subarray(at + 10, at + 10 + length)
    const isAddress = (type === types.A && value.length === 4) || (type === types.AAAA && value.length === 16)
    if (isAddress) found.push({ address: formatAddress(value), ttlSeconds: Math.min(ttlSeconds, 86_400) })
    at += 10 + length
  }
  return found
}
