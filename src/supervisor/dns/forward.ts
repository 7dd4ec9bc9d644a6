import { createSocket, type Socket } from 'node:dgram'
import { connect, isIPv6 } from 'node:net'
import { inNetwork } from '../../kernel/namespace.ts'
import { bindSocket } from '../../kernel/socket.ts'

const timeoutMs = 4000
const maxServers = 3

export interface Route {
  readonly upstreams: readonly string[]
  /** dial from inside this network namespace */
  readonly namespace?: number | undefined
}

/** Asks the servers in turn until one answers; undefined when none does. */
export async function forward(query: Buffer, route: Route, tcp: boolean): Promise<Buffer | undefined> {
  for (const server of route.upstreams.slice(0, maxServers)) {
    // a TCP socket cannot be made inside another namespace here, so `--dns` servers are asked by UDP
    const useTcp = tcp && route.namespace === undefined
    const answer = await (useTcp ? askTcp(query, server) : askUdp(query, server, route.namespace))
    if (answer) return answer
  }
  return undefined
}

const openUdp = (server: string, namespace: number | undefined): Socket => {
  const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4')
  if (namespace === undefined) return socket
  const fd = inNetwork(namespace, () => bindSocket('udp', isIPv6(server) ? '::' : '0.0.0.0', 0))
  socket.bind({ fd })
  return socket
}

/** One socket and so one random port for each question, connected: others cannot answer. */
function askUdp(query: Buffer, server: string, namespace: number | undefined): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>()
  const socket = openUdp(server, namespace)
  const timer = setTimeout(resolve, timeoutMs, undefined)
  socket.on('error', () => resolve(undefined))
  socket.on('message', data => {
    if (data.length >= 12 && data.readUInt16BE(0) === query.readUInt16BE(0)) resolve(data)
  })
  // Node hands a failure (no route) to the callback, though its types do not say so
  const connected = (error?: Error) => (error ? resolve(undefined) : socket.send(query))
  socket.connect(53, server, connected)
  return promise.finally(() => {
    clearTimeout(timer)
    socket.close()
  })
}

function askTcp(query: Buffer, server: string): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>()
  const socket = connect({ host: server, port: 53 })
  socket.setTimeout(timeoutMs, () => resolve(undefined))
  let received = Buffer.alloc(0)
  socket.on('error', () => resolve(undefined))
  socket.on('close', () => resolve(undefined))
  socket.on('connect', () => socket.write(withLength(query)))
  socket.on('data', (data: Buffer) => {
    received = Buffer.concat([received, data])
    if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0))
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)))
  })
  return promise.finally(() => socket.destroy())
}

/** A message as TCP carries it: two bytes of length before it. */
export function withLength(message: Buffer): Buffer {
  const out = Buffer.alloc(message.length + 2)
  out.writeUInt16BE(message.length, 0)
  message.copy(out, 2)
  return out
}
