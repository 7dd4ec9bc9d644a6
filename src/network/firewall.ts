import { spawnSync } from 'node:child_process'
import { EngineError, messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { Nftables, type NftElement, type NftFamily } from '../kernel/nftables.ts'
import { elementsOfNetwork, elementsOfPort } from './firewall-elements.ts'
import { allSets, countOf, replaceWith, rulesOf, sealOf } from './firewall-rules.ts'
import type { NetworkRecord, PublishedPort } from './record.ts'
import type { Reentry } from './reentry.ts'

const families: readonly NftFamily[] = ['ip', 'ip6']
const watchMillis = 2000

/** What `nft -f -` makes of `rules`, all or nothing. */
function runNft(rules: string): void {
  const { status, error, stderr } = spawnSync('nft', ['-f', '-'], { input: rules, encoding: 'utf8' })
  if (error) throw new EngineError('internal', 'cannot run nft: install the package nftables', { cause: error })
  if (status !== 0) throw new EngineError('internal', `nftables refused our rules: ${stderr.trim()}`)
}

const none = Buffer.alloc(0)
const nameOf = ({ family, set, key }: NftElement): string => `${family} ${set} ${key.toString('latin1')}`

export interface FirewallDeps {
  readonly table: string
  readonly log: Log
  /** makes the way of packets that the host's own rules have let through; undefined: they are not asked */
  readonly openReentry: () => Reentry | undefined
}

/** Our tables of nftables, one for each family. The rules never change; what is open stands in their sets. */
export class Firewall {
  readonly #deps: FirewallDeps
  readonly #netlink = new Nftables()
  /** what has to be in the kernel; how often it was added */
  readonly #wanted = new Map<string, { readonly element: NftElement; readonly uses: number }>()
  #generation = 0
  #timer: NodeJS.Timeout | undefined

  constructor(deps: FirewallDeps) {
    this.#deps = deps
  }

  addNetwork(network: NetworkRecord): void {
    this.change(elementsOfNetwork(network), [])
  }

  removeNetwork(network: NetworkRecord): void {
    this.change([], elementsOfNetwork(network))
  }

  publish(ports: readonly PublishedPort[]): void {
    this.replace([], ports)
  }

  /** Calm when they are not there. */
  unpublish(ports: readonly PublishedPort[]): void {
    this.replace(ports, [])
  }

  /** In one step: nobody finds a port closed that is in both. */
  replace(closed: readonly PublishedPort[], opened: readonly PublishedPort[]): void {
    this.change(opened.flatMap(elementsOfPort), closed.flatMap(elementsOfPort))
  }

  /** These networks and ports, whatever was there; what is right already is not touched. */
  reset(networks: readonly NetworkRecord[], ports: readonly PublishedPort[], others: readonly NftElement[] = []): void {
    this.#wanted.clear()
    for (const element of [...networks.flatMap(elementsOfNetwork), ...ports.flatMap(elementsOfPort), ...others])
      this.#want(element)
    this.#settle()
    this.#timer ??= setInterval(() => this.#watch(), watchMillis).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#netlink[Symbol.dispose]()
  }

  /** True when it was not wanted before. */
  #want(element: NftElement): boolean {
    const uses = this.#wanted.get(nameOf(element))?.uses ?? 0
    this.#wanted.set(nameOf(element), { element, uses: uses + 1 })
    return uses === 0
  }

  /** True when nobody wants it any more. */
  #unwant(element: NftElement): boolean {
    const known = this.#wanted.get(nameOf(element))
    if (known && known.uses > 1) this.#wanted.set(nameOf(element), { ...known, uses: known.uses - 1 })
    return known?.uses === 1 && this.#wanted.delete(nameOf(element))
  }

  /** Elements of our sets come and go in one step; calm when they are not there. */
  change(added: readonly NftElement[], deleted: readonly NftElement[]): void {
    const gone = deleted.filter(element => this.#unwant(element))
    const fresh = added.filter(element => this.#want(element))
    try {
      const isCurrent = this.#netlink.generation() === this.#generation
      this.#netlink.changeElements(this.#deps.table, fresh, gone)
      if (isCurrent) this.#generation = this.#netlink.generation()
    } catch (error) {
      this.#deps.log.warn('firewall rules are looked over', { error: messageOf(error) })
      this.#settle()
    }
  }

  /** Makes the kernel have what is wanted, touching only what differs; true when rules had to be made anew. */
  #settle(): boolean {
    const { table, openReentry } = this.#deps
    const reentry = openReentry()
    const plans = families.map(family => {
      const rules = rulesOf(family, reentry)
      return { family, rules, seal: sealOf(rules, reentry) }
    })
    const isWhole = plans.every(
      ({ family, rules, seal }) =>
        this.#netlink.hasChain(family, table, seal) &&
        this.#netlink.countRules(family, table) === countOf(rules, reentry),
    )
    if (!isWhole) {
      runNft(plans.map(({ family, rules, seal }) => replaceWith(family, table, rules, seal)).join(''))
      if (reentry) for (const family of families) this.#netlink.addStampRule(family, table, 'stamp', reentry.firstMark)
    }
    this.#reconcile()
    this.#generation = this.#netlink.generation()
    return !isWhole
  }

  #reconcile(): void {
    const { table } = this.#deps
    const found = families.flatMap(family => allSets.flatMap(set => this.#netlink.elements(family, table, set)))
    const same = (a: NftElement, b: NftElement) => (a.data ?? none).equals(b.data ?? none)
    const existing = new Map(found.map(element => [nameOf(element), element]))
    const wanted = [...this.#wanted.values()].map(({ element }) => element)
    const isThere = (element: NftElement) => {
      const other = existing.get(nameOf(element))
      return other !== undefined && same(other, element)
    }
    const stray = found.filter(element => {
      const other = this.#wanted.get(nameOf(element))?.element
      return !other || !same(other, element)
    })
    this.#netlink.changeElements(
      table,
      wanted.filter(element => !isThere(element)),
      stray,
    )
  }

  /** Somebody changed rules: if ours are not whole any more, they come back. */
  #watch(): void {
    try {
      if (this.#netlink.generation() === this.#generation) return
      if (this.#settle()) this.#deps.log.warn('firewall rules were taken away: made anew', { table: this.#deps.table })
    } catch (error) {
      this.#deps.log.error('cannot restore firewall rules', { error: messageOf(error) })
    }
  }
}
