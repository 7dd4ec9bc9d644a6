import { EngineError } from '../base/errors.ts'

export const blockSize = 512
export const paddingOf = (size: number): number => (blockSize - (size % blockSize)) % blockSize
export const badTar = (why: string) => new EngineError('invalid', `archive/tar: ${why}`)

export function textField(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start)
  return block.toString('latin1', start, end < 0 ? start + length : Math.min(end, start + length))
}

/** An octal number, or base 256 when the first bit is set. */
export function numberField(block: Buffer, start: number, length: number): number {
  if (block[start]! & 0x80) return binaryNumber(block.subarray(start, start + length))
  const text = textField(block, start, length).trim()
  if (text === '') return 0
  if (!/^[0-7]+$/.test(text)) throw badTar('invalid tar header')
  return Number.parseInt(text, 8)
}

function binaryNumber(bytes: Buffer): number {
  const negative = (bytes[0]! & 0x40) !== 0
  let value = BigInt(bytes[0]! & 0x7f)
  for (const byte of bytes.subarray(1)) value = (value << 8n) | BigInt(byte)
  if (negative) value -= 1n << BigInt(bytes.length * 8 - 1)
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER))
    throw badTar('number too large')
  return Number(value)
}

export function checksumOf(block: Buffer): number {
  let sum = 8 * 32
  for (let i = 0; i < blockSize; i++) if (i < 148 || i >= 156) sum += block[i]!
  return sum
}

/** PAX records, `length key=value\n`, keys and values as byte strings. */
export function parsePax(data: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < data.length && data[at] !== 0; ) {
    const space = data.indexOf(32, at)
    const length = space < 0 ? Number.NaN : Number(data.toString('latin1', at, space))
    const end = at + length
    const equals = data.indexOf(61, space)
    if (!Number.isInteger(length) || end > data.length || equals < 0 || equals >= end || data[end - 1] !== 10)
      throw badTar('invalid tar header')
    const key = data.toString('latin1', space + 1, equals)
    const value = data.toString('latin1', equals + 1, end - 1)
    // sparse format 0.0 repeats its two keys, one pair for each extent
    if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes') {
      const map = records.get('GNU.sparse.map')
      records.set('GNU.sparse.map', map === undefined ? value : `${map},${value}`)
    } else records.set(key, value)
    at = end
  }
  return records
}

/** Seconds with a fraction, as PAX writes them. */
export function parsePaxTime(text: string): bigint {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text)
  if (!match) throw badTar('invalid tar header')
  const nanos = BigInt(match[2]!) * 1_000_000_000n + BigInt((match[3] ?? '').slice(0, 9).padEnd(9, '0'))
  return match[1] ? -nanos : nanos
}
