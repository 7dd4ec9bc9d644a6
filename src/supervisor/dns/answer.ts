import { addressBytes } from '../../kernel/rtnetlink.ts'
import type { DnsConfig } from '../../spec/dns-config.ts'
import { type Answer, familyOf, parseReverse, type Query, rcodes, types } from './message.ts'

export type Decision = { readonly rcode: number; readonly answers: readonly Answer[] } | 'forward'

const own = (table: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** What the container's resolver says itself; `turn` moves the first of several addresses on. */
export function decide(query: Query, config: DnsConfig, turn: number): Decision {
  const known = own(config.names, query.name)
  if (known && (query.type === types.A || query.type === types.AAAA)) {
    // a name of ours without an address of that family exists all the same: no error, no answers
    const addresses = known.filter(address => familyOf(address) === query.type)
    const answers = addresses.map((_, i) => ({ type: query.type, value: addresses[(i + turn) % addresses.length]! }))
    return { rcode: rcodes.noError, answers }
  }
  if (known && query.type === types.MX) return { rcode: rcodes.noError, answers: [] }
  if (query.type === types.PTR) {
    const name = reverseName(query.name, config)
    if (name) return { rcode: rcodes.noError, answers: [{ type: types.PTR, value: name }] }
  }
  if (!config.internal) return 'forward'
  return { rcode: known ? rcodes.noError : rcodes.serverFailure, answers: [] }
}

function reverseName(name: string, { reverse }: DnsConfig): string | undefined {
  const address = parseReverse(name)
  if (!address) return undefined
  const wanted = addressBytes(address)
  return Object.entries(reverse).find(([candidate]) => addressBytes(candidate).equals(wanted))?.[1]
}
