import { createHash } from 'node:crypto'
import type { Reentry } from './reentry.ts'

const sets = ['bridges', 'no_icc', 'isolated', 'routed', 'unprotected', 'masked'] as const
export const allSets = [
  ...sets,
  'same',
  'sources',
  'anywhere',
  'somewhere',
  'ports',
  'host_ports',
  'open',
  'linked',
] as const

/** skb priority of a packet that comes for the second time; see docs/decisions/0005-published-ports-obey-the-host.md */
const again = '4be7:0001'

const guards = (ip: 'ip' | 'ip6', { link, gateways, secondMark }: Reentry): string => `
  chain stamp {
  }
  chain knock {
    meta pkttype != host drop
    jump stamp
    dup to ${gateways[ip]} device "${link}"
    drop
  }
  chain input {
    type filter hook input priority 10000
    iifname "lo" accept
    iifname @bridges accept
    ct state established,related accept
    ${ip} daddr . meta l4proto . th dport @host_ports goto knock
    meta l4proto . th dport @ports goto knock
  }
  chain reenter {
    type filter hook prerouting priority -198
    meta mark ${secondMark} meta priority set ${again} meta mark set 0
  }
  chain reentered {
    type filter hook prerouting priority -99
    meta priority != ${again} accept
    ct status dnat meta pkttype set host meta priority set 0:0 accept
    drop
  }`

/** A chain of this name shows that a table holds exactly these rules. */
export const sealOf = (rules: string, reentry: Reentry | undefined): string =>
  `rules_${createHash('sha256').update(`${rules} ${reentry?.index}`).digest('hex').slice(0, 16)}`

/** How many rules the kernel counts; one is added that the text cannot say. */
export const countOf = (rules: string, reentry: Reentry | undefined): number =>
  [...rules.matchAll(/^ {4}(?!type |#)\S/gm)].length + (reentry ? 1 : 0)

/** The text that puts `rules` in place of what is there. */
export const replaceWith = (ip: 'ip' | 'ip6', table: string, rules: string, seal: string): string =>
  `table ${ip} ${table}\ndelete table ${ip} ${table}\ntable ${ip} ${table} {${rules}\n  chain ${seal} {\n  }\n}\n`

/** The rules of one family. What changes from day to day stands in sets. */
export function rulesOf(ip: 'ip' | 'ip6', reentry: Reentry | undefined): string {
  const address = ip === 'ip' ? 'ipv4_addr' : 'ipv6_addr'
  const loopback = ip === 'ip' ? '127.0.0.0/8' : '::1'
  const icmp = ip === 'ip' ? 1 : 58 // by number: a small system has no /etc/protocols
  const first = reentry ? `meta priority ${again} meta pkttype broadcast ` : ''
  return `${sets.map(name => `\n  set ${name} { type ifname; }`).join('')}
  set same { type ifname . ifname; }
  map sources { type ifname : ${address}; }
  map anywhere { type inet_proto . inet_service : ${address} . inet_service; }
  map somewhere { type ${address} . inet_proto . inet_service : ${address} . inet_service; }
  set ports { type inet_proto . inet_service; }
  set host_ports { type ${address} . inet_proto . inet_service; }
  set open { type ${address} . inet_proto . inet_service; }
  set linked { type ${address} . ${address} . inet_proto . inet_service; }
  chain published {
    dnat to ${ip} daddr . meta l4proto . th dport map @somewhere
    dnat to meta l4proto . th dport map @anywhere
  }
  chain raw {
    type filter hook prerouting priority -300
    # route_localnet is on for our bridges: containers must not reach what listens on the host's loopback
    iifname @bridges ${ip} daddr ${loopback} drop
  }
  chain prerouting {
    type nat hook prerouting priority -100
    ${ip} daddr ${loopback} return
    iifname @bridges fib daddr type local jump published
    ${first}fib daddr type local jump published
  }
  chain output {
    type nat hook output priority -100${ip === 'ip6' ? '\n    ip6 daddr ::1 return' : ''}
    fib daddr type local jump published
  }
  chain postrouting {
    type nat hook postrouting priority 100
    oifname @bridges ${ip} saddr ${loopback} masquerade
    # a container that reaches a neighbour, or itself, by a published port
    ct status dnat iifname . oifname @same masquerade
    # the same where the bridge itself filters (br_netfilter): there the incoming interface is not known
    ct status dnat iif 0 oifname @bridges fib saddr type != local masquerade
    iifname . oifname @same accept
    snat to iifname map @sources
    iifname @masked masquerade
  }
  chain within {
    ct status dnat accept
    ${ip} saddr . ${ip} daddr . meta l4proto . th dport @linked accept
    iifname @no_icc drop
    accept
  }
  chain outward {
    ct status dnat accept
    oifname @unprotected accept
    oifname @bridges drop
  }
  chain inward {
    meta l4proto ${icmp} accept
    ${ip} daddr . meta l4proto . th dport @open accept
    drop
  }
  chain forward {
    type filter hook forward priority 0
    ct state established,related accept
    iifname . oifname @same jump within
    iifname @isolated drop
    iifname @bridges jump outward
    oifname @isolated drop
    oifname @unprotected accept
    oifname @routed jump inward
    oifname @bridges ct status dnat accept
    oifname @bridges drop
  }${reentry ? guards(ip, reentry) : ''}`
}
