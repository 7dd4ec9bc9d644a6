import { isIPv6 } from 'node:net'
import { addressBytes } from '../../kernel/rtnetlink.ts'

// RFC 1035 section 4; RFC 6891 for EDNS
export const types = { A: 1, PTR: 12, MX: 15, AAAA: 28, OPT: 41 } as const
export const rcodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
} as const

export interface Query {
  readonly id: number
  /** lower case, without the last dot */
  readonly name: string
  readonly type: number
  /** header and question as they came, letters' case kept */
  readonly question: Buffer
  readonly recursionDesired: boolean
  /** bytes that the client takes by UDP */
  readonly udpSize: number
  readonly edns: boolean
}

/** Reads a query with one question; undefined when it is none. */
export function parseQuery(data: Buffer): Query | undefined {
  if (data.length < 17 || data.readUInt16BE(4) !== 1) return undefined
  const flags = data.readUInt16BE(2)
  if (flags & 0xf800) return undefined // an answer, or not a standard query
  const labels: string[] = []
  let at = 12
  for (;;) {
    const length = data[at++]
    if (length === undefined || length > 63 || at + length > data.length) return undefined
    if (length === 0) break
    labels.push(data.toString('latin1', at, at + length).toLowerCase())
    at += length
  }
  if (at - 12 > 255 || at + 4 > data.length) return undefined
  const end = at + 4
  const udpSize = ednsSize(data, end)
  return {
    id: data.readUInt16BE(0),
    name: labels.join('.'),
    type: data.readUInt16BE(at),
    question: data.subarray(0, end),
    recursionDesired: (flags & 0x0100) !== 0,
    udpSize: Math.max(512, udpSize ?? 512),
    edns: udpSize !== undefined,
  }
}

/** The size in an OPT record that directly follows the question, as every client sends it. */
function ednsSize(data: Buffer, at: number): number | undefined {
  const isOpt =
    data.readUInt16BE(10) > 0 && at + 11 <= data.length && data[at] === 0 && data.readUInt16BE(at + 1) === types.OPT
  return isOpt ? data.readUInt16BE(at + 3) : undefined
}

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map(label => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ])

export interface Answer {
  readonly type: number
  /** address, or name for PTR */
  readonly value: string
}

const ttlSeconds = 600

function encodeAnswer({ type, value }: Answer): Buffer {
  const data = type === types.PTR ? encodeName(value) : addressBytes(value)
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xc00c, 0) // the name of the question
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(ttlSeconds, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

/** The bytes of a reply; above `limit` it is cut to its question and marked so that the client asks by TCP. */
export function buildReply(query: Query, rcode: number, answers: readonly Answer[], limit = 65535): Buffer {
  const header = Buffer.from(query.question)
  header.writeUInt16BE(0x8080 | (query.recursionDesired ? 0x0100 : 0) | rcode, 2)
  header.writeUInt16BE(answers.length, 6)
  header.writeUInt16BE(0, 8)
  header.writeUInt16BE(query.edns ? 1 : 0, 10)
  const opt = query.edns ? [Buffer.from([0, 0, types.OPT, 0x10, 0, 0, 0, 0, 0, 0, 0])] : []
  const reply = Buffer.concat([header, ...answers.map(encodeAnswer), ...opt])
  if (reply.length <= limit) return reply
  const cut = buildReply(query, rcode, [])
  cut[2]! |= 0x02
  return cut
}

/** The address that a reverse name asks for; undefined when it is no reverse name. */
export function parseReverse(name: string): string | undefined {
  const v4 = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)
  if (v4) return `${v4[4]}.${v4[3]}.${v4[2]}.${v4[1]}`
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)
  if (!v6) return undefined
  const digits = v6[1]!.split('.').reverse().join('')
  return digits.match(/.{4}/g)!.join(':')
}

export const familyOf = (address: string): number => (isIPv6(address) ? types.AAAA : types.A)
