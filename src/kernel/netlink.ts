import { closeSync } from 'node:fs'
import { bind, check, KernelError } from './libc.ts'

const socketCall = bind('int socket(int domain, int type, int protocol)')
const sendCall = bind('long send(int fd, const void *data, long length, int flags)')
const recvCall = bind('long recv(int fd, void *data, long length, int flags)')
const setsockoptCall = bind('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)')

const [AF_NETLINK, SOCK_RAW_CLOEXEC, SOL_NETLINK] = [16, 3 | 0o2000000, 270]
const [NETLINK_CAP_ACK, NETLINK_EXT_ACK] = [10, 11]
const [NLMSG_ERROR, NLMSG_DONE] = [2, 3]
const headerSize = 16

export const netlinkFlags = {
  request: 0x1,
  ack: 0x4,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
} as const

export interface NetlinkMessage {
  readonly type: number
  readonly flags: number
  readonly body: Buffer
  /** what it is about, for the error text */
  readonly subject: string
  /** an error that counts as success */
  readonly ignore?: string | undefined
}

/** One attribute: length, type, payload, padding. */
export function attribute(type: number, payload: Buffer): Buffer {
  const out = Buffer.alloc((payload.length + 4 + 3) & ~3)
  out.writeUInt16LE(payload.length + 4, 0)
  out.writeUInt16LE(type, 2)
  payload.copy(out, 4)
  return out
}

export const u32 = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value >>> 0)
  return out
}
export const text = (value: string): Buffer => Buffer.from(`${value}\0`)
export const nested = (type: number, ...attributes: readonly Buffer[]): Buffer =>
  attribute(type | 0x8000, Buffer.concat(attributes))

/** The attributes in `data`, by type without its flag bits. */
export function parseAttributes(data: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= data.length; ) {
    const length = data.readUInt16LE(at)
    if (length < 4) break
    found.set(data.readUInt16LE(at + 2) & 0x3fff, data.subarray(at + 4, at + length))
    at += (length + 3) & ~3
  }
  return found
}

/** A netlink socket. It belongs to the network namespace in which it was opened, wherever it is used. */
export class Netlink implements Disposable {
  readonly #fd: number
  readonly #buffer = Buffer.alloc(64 * 1024)
  #sequence = 1
  #open = true

  /** @param protocol 0 is rtnetlink, 12 netfilter */
  constructor(protocol: number) {
    this.#fd = check(socketCall(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol), 'socket')
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK]) setsockoptCall(this.#fd, SOL_NETLINK, option, u32(1), 4)
  }

  /** Sends all messages at once and waits for every answer; the first failure is thrown after all were tried. */
  change(messages: readonly NetlinkMessage[]): void {
    if (messages.length === 0) return
    const first = this.#sequence
    this.#send(messages, netlinkFlags.request | netlinkFlags.ack)
    let failure: KernelError | undefined
    for (let left = messages.length; left > 0; ) {
      for (const reply of this.#receive()) {
        if (reply.type !== NLMSG_ERROR || reply.sequence < first) continue
        left--
        failure ??= toFailure(reply, messages[reply.sequence - first]!)
      }
    }
    if (failure) throw failure
  }

  /** Sends one batch whose first and last message are not acknowledged (nfnetlink's brackets). */
  transact(messages: readonly NetlinkMessage[], begin: NetlinkMessage, end: NetlinkMessage): void {
    const ack = netlinkFlags.request | netlinkFlags.ack
    const first = this.#sequence
    const frames = [begin, ...messages, end].map((message, i) =>
      frame(message, this.#sequence++, i > 0 && i <= messages.length ? ack : netlinkFlags.request),
    )
    this.#write(Buffer.concat(frames))
    let failure: KernelError | undefined
    for (let left = messages.length; left > 0; ) {
      for (const reply of this.#receive()) {
        if (reply.type !== NLMSG_ERROR || reply.sequence < first) continue
        left--
        failure ??= toFailure(reply, messages[reply.sequence - first - 1] ?? begin)
        if (reply.sequence === first) left = 0
      }
    }
    if (failure) throw failure
  }

  /** The bodies of all objects that a dump request lists. */
  dump(message: NetlinkMessage): Buffer[] {
    this.#send([message], netlinkFlags.request | netlinkFlags.dump)
    const bodies: Buffer[] = []
    for (;;) {
      for (const reply of this.#receive()) {
        if (reply.type === NLMSG_DONE) return bodies
        if (reply.type === NLMSG_ERROR) throw toFailure(reply, message) ?? new Error('unexpected acknowledgement')
        bodies.push(Buffer.from(reply.body))
      }
    }
  }

  /** The body of the one object that a request asks for. */
  get(message: NetlinkMessage): Buffer {
    this.#send([message], netlinkFlags.request)
    for (;;) {
      for (const reply of this.#receive()) {
        if (reply.type !== NLMSG_ERROR) return Buffer.from(reply.body)
        const failure = toFailure(reply, message)
        if (failure) throw failure
      }
    }
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.#fd)
    this.#open = false
  }

  #send(messages: readonly NetlinkMessage[], flags: number): void {
    this.#write(Buffer.concat(messages.map(message => frame(message, this.#sequence++, flags))))
  }

  #write(data: Buffer): void {
    check(Number(sendCall(this.#fd, data, data.length, 0)), 'send')
  }

  #receive(): Reply[] {
    const size = check(Number(recvCall(this.#fd, this.#buffer, this.#buffer.length, 0)), 'recv')
    const replies: Reply[] = []
    for (let at = 0; at + headerSize <= size; ) {
      const length = this.#buffer.readUInt32LE(at)
      const [type, flags] = [this.#buffer.readUInt16LE(at + 4), this.#buffer.readUInt16LE(at + 6)]
      const body = this.#buffer.subarray(at + headerSize, at + length)
      replies.push({ type, flags, sequence: this.#buffer.readUInt32LE(at + 8), body })
      at += (length + 3) & ~3
    }
    return replies
  }
}

interface Reply {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly body: Buffer
}

function frame(message: NetlinkMessage, sequence: number, flags: number): Buffer {
  const out = Buffer.alloc((headerSize + message.body.length + 3) & ~3)
  out.writeUInt32LE(headerSize + message.body.length, 0)
  out.writeUInt16LE(message.type, 4)
  out.writeUInt16LE(message.flags | flags, 6)
  out.writeUInt32LE(sequence, 8)
  message.body.copy(out, headerSize)
  return out
}

function toFailure(reply: Reply, message: NetlinkMessage): KernelError | undefined {
  const errno = -reply.body.readInt32LE(0)
  if (errno === 0) return undefined
  const hint = reply.flags & 0x200 ? parseAttributes(reply.body.subarray(20)).get(1) : undefined
  const detail = hint ? ` (${hint.toString('utf8', 0, hint.length - 1)})` : ''
  const error = new KernelError(errno, 'netlink', message.subject + detail)
  return error.code === message.ignore ? undefined : error
}
