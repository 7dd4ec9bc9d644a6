import { once } from 'node:events'
import { connect, createServer, isIPv6, type Socket } from 'node:net'
import type { ProxiedPort } from '../../spec/proxied-port.ts'
import type { Listener } from './listener.ts'

function join(client: Socket, { address, containerPort }: ProxiedPort): void {
  const inside = connect({ host: address, port: containerPort, allowHalfOpen: true, noDelay: true })
  const end = () => {
    client.destroy()
    inside.destroy()
  }
  for (const socket of [client, inside]) socket.on('error', end)
  client.on('close', () => inside.destroyed || inside.end())
  inside.on('close', () => client.destroyed || client.end())
  client.pipe(inside)
  inside.pipe(client)
}

/** Connections to the host's port go on to the container's; those that stand outlive `close` and `retarget`. */
export async function listenTcp(port: ProxiedPort): Promise<Listener> {
  let target = port
  const server = createServer({ allowHalfOpen: true, noDelay: true }, client => join(client, target))
  server.listen({ host: port.hostIp, port: port.hostPort, ipv6Only: isIPv6(port.hostIp), backlog: 511 })
  await once(server, 'listening')
  server.on('error', () => {})
  return { retarget: next => void (target = next), close: () => void server.close() }
}
