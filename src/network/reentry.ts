import { closeSync } from 'node:fs'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type Instruction, loadClassifier } from '../kernel/bpf.ts'
import { addLink, addNeighbour, addRoute, deleteLink, type Rtnetlink, setLink } from '../kernel/rtnetlink.ts'
import { classifyIncoming } from '../kernel/traffic-control.ts'
import { setSysctl } from './host-sysctl.ts'

/**
 * The way by which a packet for a published port, once the host's input rules have let it through, comes in again
 * by the link it came from: this time its address is translated.
 */
export interface Reentry {
  /** copies of packets are sent into this link */
  readonly link: string
  readonly index: number
  /** next hops that make a copy leave by `link` */
  readonly gateways: { readonly ip: string; readonly ip6: string }
  /** mark that, with the number of a packet's link in its low 20 bits, tells where it goes in again */
  readonly firstMark: number
  /** mark with which it comes in again */
  readonly secondMark: number
}

// a broadcast address makes the second arrival of a packet unlike any first one; rules turn it into an ordinary one
const [ip, ip6, broadcast] = ['169.254.255.254', 'fe80::1', 'ff:ff:ff:ff:ff:ff']
const [firstMark, secondMark] = [0x4be00000, 0x4be70001]

/** Sends a packet with the first mark in again by the link that the mark names, and drops every other one. */
const program: readonly Instruction[] = [
  [0xbf, 6, 1, 0, 0], // r6 = packet
  [0x61, 7, 6, 8, 0], // r7 = its mark
  [0xbf, 2, 7, 0, 0],
  [0x77, 2, 0, 0, 20], // r2 = mark >> 20
  [0x15, 2, 0, 2, firstMark >>> 20], // ours: go on
  [0xb7, 0, 0, 0, 2],
  [0x95, 0, 0, 0, 0], // return drop
  [0xb7, 2, 0, 0, secondMark],
  [0x63, 6, 2, 8, 0], // mark = second
  [0xbf, 1, 7, 0, 0],
  [0x57, 1, 0, 0, 0xfffff], // r1 = number of the link
  [0xb7, 2, 0, 0, 1], // r2 = incoming
  [0x85, 0, 0, 0, 23], // redirect
  [0x95, 0, 0, 0, 0],
]

/** The pair of links, made if it is missing; undefined where this kernel cannot. */
export function openReentry(links: Rtnetlink, table: string, log: Log): Reentry | undefined {
  const id = table.slice(-8)
  const [link, back] = [`bin-${id}`, `bre-${id}`]
  try {
    const found = links.link(link)
    const index = found?.up ? found.index : makeLinks(links, link, back, log)
    return { link, index, gateways: { ip, ip6 }, firstMark, secondMark }
  } catch (error) {
    links.change([deleteLink(link)])
    log.warn("published ports go past the host's input rules: this kernel cannot check them", {
      error: messageOf(error),
    })
    return undefined
  }
}

/** The link is up only when everything else is in place: so one that is up is whole. */
function makeLinks(links: Rtnetlink, link: string, back: string, log: Log): number {
  const mtu = 65535
  links.change([deleteLink(link)])
  links.change([addLink({ kind: 'veth', name: link, mtu, peer: { name: back, mtu } })])
  const indexOf = (name: string) => links.link(name)!.index
  const [from, to] = [indexOf(link), indexOf(back)]
  setSysctl(`net.ipv6.conf.${back}.disable_ipv6`, '1', log)
  const classifier = loadClassifier(program)
  try {
    links.change([setLink(to, { up: true }), ...classifyIncoming(to, classifier, back)])
  } finally {
    closeSync(classifier)
  }
  links.change([setLink(from, { up: true }), addNeighbour(from, ip, broadcast)])
  links.change([addRoute({ index: from, destination: `${ip}/32` })])
  try {
    links.change([addNeighbour(from, ip6, broadcast)])
  } catch (error) {
    log.debug('no IPv6 on this host', { error: messageOf(error) })
  }
  return from
}
