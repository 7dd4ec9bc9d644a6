import { EngineError } from '../../base/errors.ts'
import type { Protocol } from '../../kernel/socket.ts'
import { formatCidr, parseCidr, parseIp } from '../ip.ts'

/** Label of containers and networks that says where they may connect to. */
export const egressLabel = 'berth.egress'

/** One place that may be reached. */
export interface EgressRule {
  /** a name, or `*.name` for all below it, in lower case */
  readonly name?: string | undefined
  /** addresses, as `10.0.0.0/8` */
  readonly cidr?: string | undefined
  readonly family?: 4 | 6 | undefined
  /** undefined: every port */
  readonly ports?: readonly [number, number] | undefined
  /** undefined: TCP and UDP where there are ports, else everything */
  readonly protocol?: Protocol | undefined
}

const entryPattern = /^(?:\[([^\]]+)\]|([^:[\]/]+(?:\/\d+)?))(?::(\d+)(?:-(\d+))?)?(?:\/(tcp|udp|sctp))?$/
const namePattern = /^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)\.?$/i

/**
 * Reads `name:port, 10.0.0.0/8:5432/tcp, [fd00::/8]:53/udp`, entries parted by commas or spaces; none at all allows
 * nothing.
 *
 * @throws EngineError `invalid` that quotes the entry
 */
export const parseEgress = (text: string): readonly EgressRule[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseEntry)

function parseEntry(text: string): EgressRule {
  const refuse = (why: string) => new EngineError('invalid', `invalid entry "${text}" in label ${egressLabel}: ${why}`)
  // an IPv6 address without brackets has no port
  const match = isPlainIPv6(text) ? [text, text] : entryPattern.exec(text)
  if (!match) throw refuse('write NAME, ADDRESS or ADDRESS/BITS, then :PORT or :FIRST-LAST, then /tcp or /udp')
  const [, bracketed, plain, first, last = first, protocol] = match
  const ports = first === undefined ? undefined : ([Number(first), Number(last)] as const)
  if (ports && !(ports[0] >= 1 && ports[0] <= ports[1] && ports[1] <= 65535)) throw refuse('no such ports')
  return { ...targetOf(bracketed ?? plain!, refuse), ports, protocol: protocol as Protocol | undefined }
}

const isPlainIPv6 = (text: string): boolean => (parseCidr(text) ?? parseIp(text))?.family === 6

function targetOf(text: string, refuse: (why: string) => EngineError): EgressRule {
  const ip = parseIp(text)
  const cidr = parseCidr(ip ? `${text}/${ip.family === 4 ? 32 : 128}` : text)
  if (cidr) return { cidr: formatCidr(cidr), family: cidr.family }
  if (/^[\d./]+$/.test(text) || !namePattern.test(text)) throw refuse(`"${text}" is neither a name nor an address`)
  return { name: text.replace(/\.$/, '').toLowerCase() }
}
