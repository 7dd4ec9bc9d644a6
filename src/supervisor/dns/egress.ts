import { isIPv6 } from 'node:net'
import { appendBounded } from '../../base/bounded-log.ts'
import { ignoring } from '../../base/errors.ts'
import { Nftables, type NftElement } from '../../kernel/nftables.ts'
import { addressBytes } from '../../kernel/rtnetlink.ts'
import type { EgressConfig } from '../../spec/dns-config.ts'
import { readAddresses } from './records.ts'

/** A client may use an answer a little longer than it is told to. */
const graceSeconds = 30
const maxLogBytes = 1 << 20
const quietMillis = 60_000

const matches = (pattern: string, name: string): boolean =>
  pattern === '*' || pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)))

/** Sets where the addresses of `name` are opened; undefined when one of the lists does not have it. */
export function setsFor(name: string, { lists }: EgressConfig): readonly string[] | undefined {
  const found = lists.map(list => list.filter(rule => matches(rule.name, name)).map(({ set }) => set))
  return found.every(sets => sets.length > 0) ? found.flat() : undefined
}

let netlink: Nftables | undefined

/** Lets the container connect to the addresses in this answer, for as long as the answer says. */
export function openAddresses(answer: Buffer, sets: readonly string[], { table }: EgressConfig): void {
  const elements = readAddresses(answer).flatMap(({ address, ttlSeconds }) =>
    sets.map(
      (set): NftElement => ({
        family: isIPv6(address) ? 'ip6' : 'ip',
        set,
        key: addressBytes(address),
        timeoutMillis: (ttlSeconds + graceSeconds) * 1000,
      }),
    ),
  )
  netlink ??= new Nftables()
  // the container ended, or somebody flushed the table: the engine makes it anew
  ignoring(['ENOENT'], () => netlink!.renewElements(table, elements))
}

const told = new Map<string, number>()

/** Writes down that a name was refused, once a minute. */
export function logRefusal(name: string, { log }: EgressConfig): void {
  const key = `${log} ${name}`
  const now = Date.now()
  if (!log || now - (told.get(key) ?? 0) < quietMillis) return
  if (told.size > 10_000) told.clear()
  told.set(key, now)
  ignoring(['ENOENT'], () =>
    appendBounded(log, JSON.stringify({ time: new Date(now).toISOString(), name }), maxLogBytes),
  )
}
