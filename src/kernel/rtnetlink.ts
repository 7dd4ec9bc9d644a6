import { isIPv6 } from 'node:net'
import type { KernelError } from './libc.ts'
import { attribute, Netlink, type NetlinkMessage, nested, netlinkFlags, parseAttributes, text, u32 } from './netlink.ts'

const RTM = {
  newLink: 16,
  delLink: 17,
  getLink: 18,
  newAddress: 20,
  getAddress: 22,
  newRoute: 24,
  getRoute: 26,
  newNeighbour: 28,
} as const
const IFLA = { address: 1, ifname: 3, mtu: 4, link: 5, master: 10, linkInfo: 18, netNsFd: 28, netNsPid: 19 } as const
const [AF_INET, AF_INET6, IFF_UP] = [2, 10, 1]
const { create, exclusive, replace } = netlinkFlags

export type LinkKind = 'dummy' | 'bridge' | 'veth' | 'macvlan' | 'ipvlan' | 'dummy' | 'vlan'

export interface LinkOptions {
  readonly mtu?: number | undefined
  readonly mac?: string | undefined
  /** index of the bridge it becomes a port of; 0 takes it out */
  readonly master?: number | undefined
  readonly up?: boolean | undefined
  /** index of the link below (macvlan, ipvlan, vlan) */
  readonly parent?: number | undefined
  /** fd of the network namespace it is born in, or moves to */
  readonly namespace?: number | undefined
}

export interface NewLink extends LinkOptions {
  readonly kind: LinkKind
  readonly name: string
  /** macvlan and ipvlan mode, vlan id */
  readonly mode?: number | undefined
  /** ipvlan flags */
  readonly flags?: number | undefined
  /** the other end of a veth */
  readonly peer?: ({ readonly name: string; readonly index?: number | undefined } & LinkOptions) | undefined
}

export interface Link {
  readonly index: number
  readonly name: string
  readonly up: boolean
  readonly mac: string
  readonly mtu: number
  readonly kind: string | undefined
  readonly master: number | undefined
}

export const macvlanModes = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const
export const ipvlanModes = { l2: 0, l3: 1, l3s: 2 } as const
export const ipvlanFlags = { bridge: 0, private: 1, vepa: 2 } as const

const toMac = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex')
const u16 = (value: number): Buffer => u32(value).subarray(0, 2)

function ifinfo(index: number, up: boolean | undefined): Buffer {
  const out = Buffer.alloc(16)
  out.writeInt32LE(index, 4)
  if (up !== undefined) {
    out.writeUInt32LE(up ? IFF_UP : 0, 8)
    out.writeUInt32LE(IFF_UP, 12)
  }
  return out
}

function linkAttributes(name: string | undefined, link: LinkOptions): Buffer[] {
  const out: Buffer[] = []
  if (name !== undefined) out.push(attribute(IFLA.ifname, text(name)))
  if (link.mac) out.push(attribute(IFLA.address, toMac(link.mac)))
  if (link.mtu) out.push(attribute(IFLA.mtu, u32(link.mtu)))
  if (link.parent !== undefined) out.push(attribute(IFLA.link, u32(link.parent)))
  if (link.master !== undefined) out.push(attribute(IFLA.master, u32(link.master)))
  if (link.namespace !== undefined) out.push(attribute(IFLA.netNsFd, u32(link.namespace)))
  return out
}

function kindData(link: NewLink): Buffer[] {
  if (link.peer) {
    const { name, index = 0, ...options } = link.peer
    return [nested(1, ifinfo(index, options.up), ...linkAttributes(name, options))]
  }
  if (link.mode === undefined) return []
  if (link.kind === 'macvlan') return [attribute(1, u32(link.mode))]
  if (link.kind === 'ipvlan') return [attribute(1, u16(link.mode)), attribute(2, u16(link.flags ?? 0))]
  return link.kind === 'vlan' ? [attribute(1, u16(link.mode))] : []
}

export function addLink(link: NewLink): NetlinkMessage {
  const data = kindData(link)
  const info = nested(IFLA.linkInfo, attribute(1, text(link.kind)), ...(data.length ? [nested(2, ...data)] : []))
  const body = Buffer.concat([ifinfo(0, link.up), ...linkAttributes(link.name, link), info])
  return { type: RTM.newLink, flags: create | exclusive, body, subject: `add ${link.kind} ${link.name}` }
}

/** Changes the link of that index; `name` renames it. */
export function setLink(index: number, options: LinkOptions & { readonly name?: string }): NetlinkMessage {
  const body = Buffer.concat([ifinfo(index, options.up), ...linkAttributes(options.name, options)])
  return { type: RTM.newLink, flags: 0, body, subject: `change link ${index}` }
}

/** Deletes by index or name; calm when it is gone. */
export function deleteLink(link: number | string): NetlinkMessage {
  const name = typeof link === 'string' ? [attribute(IFLA.ifname, text(link))] : []
  const body = Buffer.concat([ifinfo(typeof link === 'number' ? link : 0, undefined), ...name])
  return { type: RTM.delLink, flags: 0, body, subject: `delete link ${link}`, ignore: 'ENODEV' }
}

/** The bytes of an IPv4 or IPv6 address. */
export function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number))
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  if (dotted) {
    const [, head, a, b, c, d] = dotted
    const hex = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16)
    return addressBytes(`${head}${hex(a!, b!)}:${hex(c!, d!)}`)
  }
  const [head = '', tail] = address.split('::')
  const words = (side: string) => (side ? side.split(':').map(word => Number.parseInt(word, 16)) : [])
  const [left, right] = [words(head), words(tail ?? '')]
  const all = tail === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill(0), ...right]
  return Buffer.from(all.flatMap(word => [word >> 8, word & 0xff]))
}

/** An address of a link; one that is there already is fine. */
export function addAddress(index: number, address: string, prefix: number): NetlinkMessage {
  const bytes = addressBytes(address)
  const v6 = bytes.length === 16
  const head = Buffer.from([v6 ? AF_INET6 : AF_INET, prefix, v6 ? 0x02 : 0, 0, 0, 0, 0, 0])
  head.writeUInt32LE(index, 4)
  const parts = [head, attribute(2, bytes), attribute(1, bytes)]
  if (!v6 && prefix < 31) parts.push(attribute(4, broadcast(bytes, prefix)))
  const subject = `add address ${address}/${prefix}`
  return { type: RTM.newAddress, flags: create | exclusive, body: Buffer.concat(parts), subject, ignore: 'EEXIST' }
}

export function deleteAddress(index: number, cidr: string): NetlinkMessage {
  const [address = '', prefix = '32'] = cidr.split('/')
  const bytes = addressBytes(address)
  const head = Buffer.from([bytes.length === 16 ? AF_INET6 : AF_INET, Number(prefix), 0, 0, 0, 0, 0, 0])
  head.writeUInt32LE(index, 4)
  const body = Buffer.concat([head, attribute(2, bytes), attribute(1, bytes)])
  return { type: RTM.newAddress + 1, flags: 0, body, subject: `delete address ${cidr}`, ignore: 'EADDRNOTAVAIL' }
}

function broadcast(address: Buffer, prefix: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE((address.readUInt32BE() | (prefix === 0 ? 0xffffffff : (1 << (32 - prefix)) - 1)) >>> 0)
  return out
}

/** A neighbour that needs no asking for; a `stale` one is asked for when it does not answer. */
export function addNeighbour(
  index: number,
  address: string,
  mac: string,
  state: 'permanent' | 'stale' = 'permanent',
): NetlinkMessage {
  const bytes = addressBytes(address)
  const head = Buffer.alloc(12)
  head[0] = bytes.length === 16 ? AF_INET6 : AF_INET
  head.writeInt32LE(index, 4)
  head.writeUInt16LE(state === 'permanent' ? 0x80 : 0x04, 8)
  const body = Buffer.concat([head, attribute(1, bytes), attribute(2, toMac(mac))])
  return { type: RTM.newNeighbour, flags: create | replace, body, subject: `add neighbour ${address}` }
}

export interface NewRoute {
  readonly index: number
  readonly gateway?: string | undefined
  /** CIDR; undefined is the default route, then `family` says of which kind */
  readonly destination?: string | undefined
  readonly family?: 4 | 6 | undefined
}

function routeBody({ index, gateway, destination, family = 4 }: NewRoute): Buffer {
  const [target, prefix = '0'] = destination?.split('/') ?? []
  const v6 = isIPv6(gateway ?? target ?? '') || family === 6
  const head = Buffer.alloc(12)
  // table main, protocol boot, scope link (253) without a gateway, type unicast
  head.set([v6 ? AF_INET6 : AF_INET, Number(prefix), 0, 0, 254, 3, gateway || v6 ? 0 : 253, 1])
  const parts = [head, attribute(4, u32(index))]
  if (target) parts.push(attribute(1, addressBytes(target)))
  if (gateway) parts.push(attribute(5, addressBytes(gateway)))
  return Buffer.concat(parts)
}

export const addRoute = (route: NewRoute): NetlinkMessage => ({
  type: RTM.newRoute,
  flags: create | replace,
  body: routeBody(route),
  subject: `add route ${route.destination ?? 'default'}`,
})

export const deleteRoute = (route: NewRoute): NetlinkMessage => ({
  type: RTM.newRoute + 1,
  flags: 0,
  body: routeBody(route),
  subject: `delete route ${route.destination ?? 'default'}`,
  ignore: 'ESRCH',
})

/** Links, addresses and routes of the namespace in which it was opened. */
export class Rtnetlink extends Netlink {
  constructor() {
    super(0)
  }

  links(): Link[] {
    return this.dump({ type: RTM.getLink, flags: 0, body: ifinfo(0, undefined), subject: 'list links' }).map(toLink)
  }

  link(name: string): Link | undefined {
    const body = Buffer.concat([ifinfo(0, undefined), attribute(IFLA.ifname, text(name))])
    try {
      return toLink(this.get({ type: RTM.getLink, flags: 0, body, subject: `get link ${name}` }))
    } catch (error) {
      if ((error as KernelError).code === 'ENODEV') return undefined
      throw error
    }
  }

  /** Destinations of all IPv4 and IPv6 unicast routes with a prefix, as CIDR. */
  routes(): string[] {
    const list = (family: number) =>
      this.dump({
        type: RTM.getRoute,
        flags: 0,
        body: Buffer.concat([Buffer.from([family]), Buffer.alloc(11)]),
        subject: 'list routes',
      })
    return [...list(AF_INET), ...list(AF_INET6)].flatMap(toDestination)
  }

  /** Addresses of one link, as CIDR. */
  addresses(index: number): string[] {
    const all = this.dump({ type: RTM.getAddress, flags: 0, body: Buffer.alloc(8), subject: 'list addresses' })
    return all.flatMap(body => {
      const address = parseAttributes(body.subarray(8)).get(body[0] === AF_INET ? 2 : 1)
      return body.readUInt32LE(4) === index && address ? [`${formatAddress(address)}/${body[1]}`] : []
    })
  }
}

function toLink(body: Buffer): Link {
  const attributes = parseAttributes(body.subarray(16))
  const string = (bytes: Buffer | undefined) =>
    bytes?.toString('utf8', 0, bytes.indexOf(0) < 0 ? undefined : bytes.indexOf(0))
  const info = attributes.get(IFLA.linkInfo)
  return {
    index: body.readInt32LE(4),
    name: string(attributes.get(IFLA.ifname)) ?? '',
    up: (body.readUInt32LE(8) & IFF_UP) !== 0,
    mac: formatMac(attributes.get(IFLA.address) ?? Buffer.alloc(0)),
    mtu: attributes.get(IFLA.mtu)?.readUInt32LE() ?? 0,
    kind: info && string(parseAttributes(info).get(1)),
    master: attributes.get(IFLA.master)?.readUInt32LE(),
  }
}

function toDestination(body: Buffer): string[] {
  const destination = parseAttributes(body.subarray(12)).get(1)
  return destination && body[7] === 1 ? [`${formatAddress(destination)}/${body[1]}`] : []
}

export const formatMac = (bytes: Buffer): string => [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join(':')

/** The text of an address, IPv6 with its longest run of zeros left out. */
export function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16))
  const runs = [...words.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)
  const run = runs[0]
  if (!run) return words.join(':')
  const all = words.join(':')
  return `${all.slice(0, run.index)}::${all.slice(run.index + run[0].length).replace(/^:/, '')}`
}

export interface BridgePortOptions {
  /** may send back where it came from: a container that reaches itself by a published port */
  readonly hairpin: boolean
  /** cannot reach other ports so marked, only the bridge itself */
  readonly isolated?: boolean
}

export function setBridgePort(name: string, { hairpin, isolated }: BridgePortOptions): NetlinkMessage {
  const flag = (type: number, value: boolean) => attribute(type, Buffer.from([value ? 1 : 0]))
  const flags = [flag(4, hairpin), ...(isolated === undefined ? [] : [flag(33, isolated)])]
  const info = nested(IFLA.linkInfo, attribute(4, text('bridge')), nested(5, ...flags))
  const body = Buffer.concat([ifinfo(0, undefined), attribute(IFLA.ifname, text(name)), info])
  return { type: RTM.newLink, flags: 0, body, subject: `set bridge port ${name}` }
}
