import { spawnSync } from 'node:child_process'
import { appendBounded } from '../../base/bounded-log.ts'
import { EngineError, messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { Nftables, type NftElement, type NftFamily } from '../../kernel/nftables.ts'
import { formatIp } from '../ip.ts'
import { type EgressList, egressScript, partsOf } from './rules.ts'

const families: readonly NftFamily[] = ['ip', 'ip6']
const protocols: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp', 132: 'sctp' }
const watchMillis = 2000
const maxLogBytes = 1 << 20

export interface EgressPlan {
  readonly lists: readonly EgressList[]
  /** links of the networks where they count */
  readonly bridges: readonly string[]
}

/** Something that a container was not let through to. */
interface Refusal {
  readonly source: string
  readonly destination: string
  readonly protocol: string
  readonly port: number | undefined
}

export interface EgressDeps {
  readonly table: string
  readonly log: Log
  /** file for the refusals of whoever has this address */
  readonly logOf: (address: string) => string | undefined
}

/** The table of nftables that holds what containers with a list may reach; there is none while nobody has one. */
export class Egress {
  readonly #deps: EgressDeps
  readonly #netlink = new Nftables()
  #parts: ReadonlyMap<string, 'chain' | 'set'> | undefined
  #plan: EgressPlan = { lists: [], bridges: [] }
  #timer: NodeJS.Timeout | undefined

  constructor(deps: EgressDeps) {
    this.#deps = deps
  }

  /** These lists count when this returns. @throws EngineError `internal` when the kernel refuses them */
  set(plan: EgressPlan): void {
    const known = (this.#parts ??= this.#find())
    this.#plan = plan
    if (plan.lists.length === 0) this.#clear(known)
    else {
      this.#apply(known)
      this.#timer ??= setInterval(() => this.#watch(), watchMillis).unref()
    }
  }

  #apply(known: ReadonlyMap<string, 'chain' | 'set'>): void {
    const { lists, bridges } = this.#plan
    const wanted = partsOf(lists)
    const stale = new Map([...known].filter(([name]) => !wanted.has(name)))
    const there = families.filter(family => this.#netlink.hasChain(family, this.#deps.table, 'ask'))
    const none = new Map<string, 'chain' | 'set'>()
    runNft(
      families
        .map(family => egressScript(family, this.#deps.table, lists, bridges, there.includes(family) ? stale : none))
        .join(''),
    )
    this.#parts = wanted
  }

  #clear(known: ReadonlyMap<string, 'chain' | 'set'>): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    if (known.size === 0) return
    const { table } = this.#deps
    runNft(families.map(family => `table ${family} ${table}\ndelete table ${family} ${table}\n`).join(''))
    this.#parts = new Map()
  }

  /** What an engine before us has made. */
  #find(): ReadonlyMap<string, 'chain' | 'set'> {
    const { table } = this.#deps
    if (!families.some(family => this.#netlink.hasChain(family, table, 'ask'))) return new Map()
    const { stdout } = spawnSync('nft', ['-t', 'list', 'table', 'ip', table], { encoding: 'utf8' })
    const parts = [...stdout.matchAll(/^\s+(chain|set) ([cn]_\w+) \{/gm)]
    return new Map(parts.map(([, kind, name]) => [name!, kind as 'chain' | 'set']))
  }

  #watch(): void {
    try {
      if (families.every(family => this.#netlink.hasChain(family, this.#deps.table, 'ask'))) this.#takeRefusals()
      else {
        this.#apply(new Map())
        this.#deps.log.warn('egress rules were taken away: made anew', { table: this.#deps.table })
      }
    } catch (error) {
      this.#deps.log.error('egress rules are not looked after', { error: messageOf(error) })
    }
  }

  /** Writes down what was refused since last time, each destination once. */
  #takeRefusals(): void {
    const { table, log, logOf } = this.#deps
    const sets = ['refused', 'refused_other']
    const found = families.flatMap(family => sets.flatMap(set => this.#netlink.elements(family, table, set)))
    if (found.length === 0) return
    this.#netlink.changeElements(table, [], found)
    for (const refusal of found.map(toRefusal)) {
      log.debug('egress refused', { ...refusal })
      const path = logOf(refusal.source)
      if (path) appendBounded(path, JSON.stringify({ time: new Date().toISOString(), ...refusal }), maxLogBytes)
    }
  }
}

function toRefusal({ family, key }: NftElement): Refusal {
  const length = family === 'ip' ? 4 : 16
  const address = (at: number) =>
    formatIp(family === 'ip' ? 4 : 6, BigInt(`0x${key.subarray(at, at + length).toString('hex')}`))
  const protocol = key[2 * length]!
  const hasPort = key.length >= 2 * length + 8
  return {
    source: address(0),
    destination: address(length),
    protocol: protocols[protocol] ?? String(protocol),
    port: hasPort ? key.readUInt16BE(2 * length + 4) : undefined,
  }
}

function runNft(script: string): void {
  const { status, error, stderr } = spawnSync('nft', ['-f', '-'], { input: script, encoding: 'utf8' })
  if (error) throw new EngineError('internal', 'cannot run nft: install the package nftables', { cause: error })
  if (status !== 0) throw new EngineError('internal', `nftables refused the egress rules: ${stderr.trim()}`)
}
