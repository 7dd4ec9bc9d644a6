import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { ProxiedPort } from '../../spec/proxied-port.ts'
import type { Listener } from './listener.ts'

const idleMillis = 90_000
const maxClients = 4096

/** Datagrams to the host's port go on to the container's, by a socket of its own for each client. */
export async function listenUdp(port: ProxiedPort): Promise<Listener> {
  let target = port
  const clients = new Map<string, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>()
  const outside = createSocket({ type: isIPv6(port.hostIp) ? 'udp6' : 'udp4', ipv6Only: isIPv6(port.hostIp) })
  const forget = (key: string) => {
    clients.get(key)?.socket.close()
    clearTimeout(clients.get(key)?.timer)
    clients.delete(key)
  }
  const open = (key: string, address: string, clientPort: number) => {
    const socket = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4')
    socket.on('error', () => {}) // nobody listens in the container yet
    socket.on('message', data => {
      clients.get(key)?.timer.refresh()
      outside.send(data, clientPort, address, () => {})
    })
    const client = { socket, timer: setTimeout(forget, idleMillis, key).unref() }
    clients.set(key, client)
    return client
  }
  outside.on('message', (data, { address, port: clientPort }) => {
    const key = `${address} ${clientPort}`
    if (!clients.has(key) && clients.size >= maxClients) return
    const { socket, timer } = clients.get(key) ?? open(key, address, clientPort)
    timer.refresh()
    socket.send(data, target.containerPort, target.address, () => {})
  })
  outside.bind({ address: port.hostIp, port: port.hostPort, exclusive: true })
  await once(outside, 'listening')
  outside.on('error', () => {})
  const retarget = (next: ProxiedPort) => {
    target = next
    for (const key of clients.keys()) forget(key)
  }
  return {
    retarget,
    close() {
      for (const key of clients.keys()) forget(key)
      outside.close()
    },
  }
}
