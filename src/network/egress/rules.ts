import type { NftFamily } from '../../kernel/nftables.ts'
import type { EgressRule } from './parse.ts'

/** What one list lets pass: that of a container, or of a network. */
export interface EgressList {
  /** name of its chain; its sets begin with it */
  readonly name: string
  readonly rules: readonly EgressRule[]
  /** link that the network's containers come from */
  readonly bridge?: string | undefined
  /** addresses of the container */
  readonly addresses?: readonly string[] | undefined
}

/** Where addresses of a name are opened. */
export const setOf = (list: string, rule: number): string => `${list}_${rule}`

const namedRules = ({ rules }: EgressList): number[] => rules.flatMap(({ name }, i) => (name ? [i] : []))

function toMatch(ip: NftFamily, list: EgressList, rule: EgressRule, index: number): string[] {
  const family = ip === 'ip' ? 4 : 6
  if (rule.cidr && rule.family !== family) return []
  const target = `${ip} daddr ${rule.cidr ?? `@${setOf(list.name, index)}`}`
  const { ports, protocol } = rule
  const kind = protocol ? `meta l4proto ${protocol}` : ports ? 'meta l4proto { tcp, udp }' : ''
  return [[target, kind, ports ? `th dport ${ports.join('-')}` : '', 'return'].filter(Boolean).join(' ')]
}

const block = (head: string, lines: readonly string[]): string => `  ${head} {\n    ${lines.join('\n    ')}\n  }\n`

function declare(ip: NftFamily, lists: readonly EgressList[]): string {
  const address = ip === 'ip' ? 'ipv4_addr' : 'ipv6_addr'
  const kept = 'flags dynamic,timeout; timeout 1h; size 4096;'
  const named = lists.flatMap(list => namedRules(list).map(rule => setOf(list.name, rule)))
  return [
    block('set same', ['type ifname . ifname;']),
    block('map networks', ['type ifname : verdict;']),
    block('map containers', [`type ${address} : verdict;`]),
    block('set refused', [`type ${address} . ${address} . inet_proto . inet_service;`, kept]),
    block('set refused_other', [`type ${address} . ${address} . inet_proto;`, kept]),
    ...named.map(name => block(`set ${name}`, [`type ${address};`, 'flags timeout;'])),
    ...['refuse', 'ask', ...lists.map(({ name }) => name)].map(name => `  chain ${name} {\n  }\n`),
    ...['forward', 'input'].map(hook => block(`chain ${hook}`, [`type filter hook ${hook} priority -5;`])),
  ].join('')
}

function fill(ip: NftFamily, lists: readonly EgressList[]): string {
  const icmp = ip === 'ip' ? 'icmp' : 'icmpv6'
  // without these the container finds not even its gateway
  const neighbours = 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept'
  return [
    block('chain refuse', [
      `meta l4proto { tcp, udp, sctp } update @refused { ${ip} saddr . ${ip} daddr . meta l4proto . th dport }`,
      `meta l4proto != { tcp, udp, sctp } update @refused_other { ${ip} saddr . ${ip} daddr . meta l4proto }`,
      'meta l4proto tcp reject with tcp reset',
      `reject with ${icmp} type admin-prohibited`,
    ]),
    block('chain ask', [
      'ct state established,related accept',
      'iifname vmap @networks',
      `${ip} saddr vmap @containers`,
    ]),
    block('chain forward', ['iifname . oifname @same accept', 'jump ask']),
    block('chain input', [...(ip === 'ip6' ? [neighbours] : []), 'jump ask']),
    ...lists.map(list =>
      block(`chain ${list.name}`, [...list.rules.flatMap((rule, i) => toMatch(ip, list, rule, i)), 'goto refuse']),
    ),
  ].join('')
}

function elements(ip: NftFamily, table: string, lists: readonly EgressList[], bridges: readonly string[]): string {
  const add = (set: string, items: readonly string[]) =>
    items.length ? `add element ${ip} ${table} ${set} { ${items.join(', ')} }\n` : ''
  const isOurs = (address: string) => address.includes(':') === (ip === 'ip6')
  return [
    add(
      'same',
      bridges.map(name => `"${name}" . "${name}"`),
    ),
    add(
      'networks',
      lists.flatMap(({ bridge, name }) => (bridge ? [`"${bridge}" : jump ${name}`] : [])),
    ),
    add(
      'containers',
      lists.flatMap(({ addresses, name }) =>
        (addresses ?? []).filter(isOurs).map(address => `${address} : jump ${name}`),
      ),
    ),
  ].join('')
}

/** Chains and sets of lists, by which those that nobody needs any more are known. */
export const partsOf = (lists: readonly EgressList[]): ReadonlyMap<string, 'chain' | 'set'> =>
  new Map(
    lists.flatMap(list => [
      [list.name, 'chain'] as const,
      ...namedRules(list).map(rule => [setOf(list.name, rule), 'set'] as const),
    ]),
  )

/**
 * The text that makes the table hold these lists, in one step. Addresses that names have opened stay open.
 *
 * @param bridges of the networks where the lists count: what stays on one of them is nobody's business
 * @param stale parts of lists that are gone
 */
export function egressScript(
  ip: NftFamily,
  table: string,
  lists: readonly EgressList[],
  bridges: readonly string[],
  stale: ReadonlyMap<string, 'chain' | 'set'>,
): string {
  const chains = ['refuse', 'ask', 'forward', 'input', ...lists.map(({ name }) => name)]
  const gone = [...stale].sort(([, a]) => (a === 'chain' ? -1 : 1))
  return [
    `table ${ip} ${table} {\n${declare(ip, lists)}}\n`,
    `flush set ${ip} ${table} same\nflush map ${ip} ${table} networks\nflush map ${ip} ${table} containers\n`,
    ...[...chains, ...gone.flatMap(([name, kind]) => (kind === 'chain' ? [name] : []))].map(
      chain => `flush chain ${ip} ${table} ${chain}\n`,
    ),
    ...gone.map(([name, kind]) => `delete ${kind} ${ip} ${table} ${name}\n`),
    `table ${ip} ${table} {\n${fill(ip, lists)}}\n`,
    elements(ip, table, lists, bridges),
  ].join('')
}
