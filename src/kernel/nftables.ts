import type { KernelError } from './libc.ts'
import { attribute, Netlink, type NetlinkMessage, nested, netlinkFlags, parseAttributes, text } from './netlink.ts'

// Formats: linux/netfilter/nf_tables.h. Numbers are big-endian, but for what the kernel loads by itself.
const NETFILTER = 12
const subsystem = 10 << 8
const NFT = {
  getChain: 4,
  newRule: 6,
  getRule: 7,
  newElement: 12,
  getElement: 13,
  deleteElement: 14,
  getGeneration: 16,
} as const
const ELEMENT = { key: 1, data: 2, timeout: 4 } as const
const families = { ip: 2, ip6: 10 } as const

export type NftFamily = keyof typeof families

/** One element of a set, or of a map when it has `data`; fields of a concatenation are padded to four bytes. */
export interface NftElement {
  readonly family: NftFamily
  readonly set: string
  readonly key: Buffer
  readonly data?: Buffer | undefined
  /** the kernel drops it then, where the set has `flags timeout` */
  readonly timeoutMillis?: number | undefined
}

export const be32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value >>> 0)
  return out
}

const be64 = (value: number): Buffer => {
  const out = Buffer.alloc(8)
  out.writeBigUInt64BE(BigInt(value))
  return out
}

const head = (family: number, resource = 0): Buffer => Buffer.from([family, 0, resource >> 8, resource & 0xff])
const value = (type: number, bytes: Buffer): Buffer => nested(type, attribute(1, bytes))

const bracket = (type: number): NetlinkMessage => ({ type, flags: 0, body: head(0, 10), subject: 'nftables batch' })

const perMessage = 300 // an attribute holds 64 KiB

/** One message for all elements of a set, as far as they fit. */
function toMessages(table: string, verb: 'add' | 'delete', elements: readonly NftElement[]): NetlinkMessage[] {
  const groups = Map.groupBy(elements, ({ family, set }) => `${family} ${set}`)
  return [...groups.values()].flatMap(group => {
    const parts = Math.ceil(group.length / perMessage)
    return Array.from({ length: parts }, (_, i) =>
      toMessage(table, verb, group.slice(i * perMessage, (i + 1) * perMessage)),
    )
  })
}

function toMessage(table: string, verb: 'add' | 'delete', elements: readonly NftElement[]): NetlinkMessage {
  const { family, set } = elements[0]!
  const items = elements.map(({ key, data, timeoutMillis }) =>
    nested(
      1,
      value(ELEMENT.key, key),
      ...(data && verb === 'add' ? [value(ELEMENT.data, data)] : []),
      ...(timeoutMillis && verb === 'add' ? [attribute(ELEMENT.timeout, be64(timeoutMillis))] : []),
    ),
  )
  return {
    type: subsystem | (verb === 'add' ? NFT.newElement : NFT.deleteElement),
    flags: verb === 'add' ? netlinkFlags.create : 0,
    body: Buffer.concat([
      head(families[family]),
      attribute(1, text(table)),
      attribute(2, text(set)),
      nested(3, ...items),
    ]),
    subject: `${verb} elements of ${set}`,
  }
}

const expression = (name: string, ...data: readonly Buffer[]): Buffer =>
  nested(1, attribute(1, text(name)), nested(2, ...data))

/** nftables without its program: what must be quick, and the one rule its language cannot say. */
export class Nftables extends Netlink {
  constructor() {
    super(NETFILTER)
  }

  /** All or nothing. @throws KernelError ENOENT, EEXIST */
  changeElements(table: string, added: readonly NftElement[], deleted: readonly NftElement[]): void {
    const messages = [...toMessages(table, 'delete', deleted), ...toMessages(table, 'add', added)]
    if (messages.length) this.transact(messages, bracket(16), bracket(17))
  }

  /** Elements with time-outs are there for that long from now, whether they were there or not. */
  renewElements(table: string, elements: readonly NftElement[]): void {
    const steps = ['add', 'delete', 'add'] as const
    const messages = steps.flatMap(step => toMessages(table, step, elements))
    if (messages.length) this.transact(messages, bracket(16), bracket(17))
  }

  /** Adds a rule that writes `constant` and the number of the incoming interface (20 bits) into the packet's mark. */
  addStampRule(family: NftFamily, table: string, chain: string, constant: number): void {
    const native = (number: number) => {
      const out = Buffer.alloc(4)
      out.writeUInt32LE(number >>> 0)
      return out
    }
    const register = be32(1)
    const [meta, iif, mark] = ['meta', be32(4), be32(3)] as const
    const rule = nested(
      4,
      expression(meta, attribute(1, register), attribute(2, iif)),
      expression(
        'bitwise',
        attribute(1, register),
        attribute(2, register),
        attribute(3, be32(4)),
        value(4, native(0xfffff)),
        value(5, native(constant)),
      ),
      expression(meta, attribute(3, register), attribute(2, mark)),
    )
    const body = Buffer.concat([head(families[family]), attribute(1, text(table)), attribute(2, text(chain)), rule])
    const flags = netlinkFlags.create | netlinkFlags.append
    this.transact([{ type: subsystem | NFT.newRule, flags, body, subject: 'add rule' }], bracket(16), bracket(17))
  }

  /** Grows with every change that anybody makes. */
  generation(): number {
    const body = this.get({ type: subsystem | NFT.getGeneration, flags: 0, body: head(0), subject: 'get generation' })
    return parseAttributes(body.subarray(4)).get(1)!.readUInt32BE()
  }

  countRules(family: NftFamily, table: string): number {
    const body = Buffer.concat([head(families[family]), attribute(1, text(table))])
    const rules = this.dump({ type: subsystem | NFT.getRule, flags: 0, body, subject: 'list rules' })
    return rules.filter(rule => isOf(rule, table)).length
  }

  hasChain(family: NftFamily, table: string, chain: string): boolean {
    const body = Buffer.concat([head(families[family]), attribute(1, text(table)), attribute(3, text(chain))])
    try {
      return this.get({ type: subsystem | NFT.getChain, flags: 0, body, subject: 'get chain' }).length > 0
    } catch (error) {
      if ((error as KernelError).code === 'ENOENT') return false
      throw error
    }
  }

  /** @throws KernelError ENOENT */
  elements(family: NftFamily, table: string, set: string): NftElement[] {
    const body = Buffer.concat([head(families[family]), attribute(1, text(table)), attribute(2, text(set))])
    const parts = this.dump({ type: subsystem | NFT.getElement, flags: 0, body, subject: 'list elements' })
    return parts.flatMap(part =>
      itemsOf(parseAttributes(part.subarray(4)).get(3)).map(item => toElement(family, set, item)),
    )
  }
}

/** Old kernels list the rules of every table. */
const isOf = (rule: Buffer, table: string): boolean =>
  parseAttributes(rule.subarray(4)).get(1)?.equals(text(table)) ?? false

function itemsOf(list: Buffer | undefined): Buffer[] {
  const items: Buffer[] = []
  for (let at = 0; list && at + 4 <= list.length; at += (list.readUInt16LE(at) + 3) & ~3)
    items.push(list.subarray(at + 4, at + list.readUInt16LE(at)))
  return items
}

function toElement(family: NftFamily, set: string, item: Buffer): NftElement {
  const attributes = parseAttributes(item)
  const payloadOf = (type: number) => {
    const found = attributes.get(type)
    return found && parseAttributes(found).get(1)
  }
  return { family, set, key: payloadOf(ELEMENT.key)!, data: payloadOf(ELEMENT.data) }
}
