import { createSocket } from 'node:dgram'
import { closeSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { inNetwork } from '../../kernel/namespace.ts'
import { bindSocket } from '../../kernel/socket.ts'
import type { DnsConfig } from '../../spec/dns-config.ts'
import { decide } from './answer.ts'
import { logRefusal, openAddresses, setsFor } from './egress.ts'
import { forward, withLength } from './forward.ts'
import { buildReply, parseQuery, rcodes } from './message.ts'

export interface DnsServer {
  /** Answers by this from now on. */
  update(config: DnsConfig): void
  close(): void
}

const address = '127.0.0.11'
const maxInFlight = 1024
const maxTcpClients = 64
const tcpIdleMs = 10_000

/**
 * The resolver of one container, at 127.0.0.11:53 inside its network namespace, by UDP and TCP.
 *
 * @param namespace descriptor, owned by the server from now on
 * @throws KernelError EADDRINUSE when something there has the port
 */
export function openDns(namespace: number, initial: DnsConfig): DnsServer {
  let config = initial
  let turn = 0
  let inFlight = 0
  const bind = (protocol: 'udp' | 'tcp') =>
    inNetwork(namespace, () => bindSocket(protocol, address, 53, protocol === 'tcp'))

  const answer = async (data: Buffer, tcp: boolean): Promise<Buffer | undefined> => {
    const query = parseQuery(data)
    if (!query) return refuse(data)
    const limit = tcp ? 65535 : query.udpSize
    const decision = decide(query, config, turn++)
    if (decision !== 'forward') return buildReply(query, decision.rcode, decision.answers, limit)
    const { egress } = config
    const sets = egress && setsFor(query.name, egress)
    if (egress && !sets) {
      logRefusal(query.name, egress)
      return buildReply(query, rcodes.refused, [], limit)
    }
    if (inFlight >= maxInFlight) return buildReply(query, rcodes.serverFailure, [], limit)
    inFlight++
    try {
      const route = { upstreams: config.upstreams, namespace: config.upstreamsInside ? namespace : undefined }
      const reply = await forward(data, route, tcp)
      if (reply && egress && sets) openAddresses(reply, sets, egress)
      return reply ?? buildReply(query, rcodes.serverFailure, [], limit)
    } finally {
      inFlight--
    }
  }

  const udp = createSocket('udp4')
  udp.bind({ fd: bind('udp') })
  udp.on('error', () => {}) // the container vanished; its owner closes us
  udp.on('message', (data, { address: host, port }) => {
    answer(data, false)
      .then(reply => reply && udp.send(reply, port, host, () => {}))
      .catch(() => {}) // the container ended meanwhile
  })
  const clients = new Set<Socket>()
  const tcp = createServer(socket => {
    clients.add(socket)
    socket.on('close', () => clients.delete(socket))
    if (clients.size > maxTcpClients) socket.destroy()
    else serveTcp(socket, data => answer(data, true))
  })
  tcp.on('error', () => {})
  tcp.listen({ fd: bind('tcp') })

  return {
    update: next => void (config = next),
    close() {
      udp.close()
      tcp.close()
      for (const socket of clients) socket.destroy()
      closeSync(namespace)
    },
  }
}

/** A reply that says the message was not understood; nothing to what is no query at all. */
function refuse(data: Buffer): Buffer | undefined {
  if (data.length < 12 || data[2]! & 0x80) return undefined
  const reply = Buffer.alloc(12)
  reply.writeUInt16BE(data.readUInt16BE(0), 0)
  const rcode = data[2]! & 0x78 ? rcodes.notImplemented : rcodes.formatError
  reply.writeUInt16BE(0x8000 | ((data[2]! & 0x79) << 8) | rcode, 2)
  return reply
}

function serveTcp(socket: Socket, answer: (data: Buffer) => Promise<Buffer | undefined>): void {
  let pending: Buffer = Buffer.alloc(0)
  let tail: Promise<unknown> = Promise.resolve()
  socket.setTimeout(tcpIdleMs, () => socket.destroy())
  socket.on('error', () => {})
  socket.on('data', (data: Buffer) => {
    pending = Buffer.concat([pending, data])
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0)
      const message = pending.subarray(2, end)
      pending = pending.subarray(end)
      tail = tail.then(async () => {
        const reply = await answer(message)
        if (reply && !socket.destroyed) socket.write(withLength(reply))
      })
      tail.catch(() => socket.destroy())
    }
  })
}
