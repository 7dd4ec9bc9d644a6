import { closeSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { bind, check } from './libc.ts'
import { addressBytes } from './rtnetlink.ts'

const socketCall = bind('int socket(int domain, int type, int protocol)')
const bindCall = bind('int bind(int fd, const void *address, uint32_t length)')
const listenCall = bind('int listen(int fd, int backlog)')
const setsockoptCall = bind('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)')

const [AF_INET, AF_INET6, SOCK_NONBLOCK, SOCK_CLOEXEC] = [2, 10, 0o4000, 0o2000000]
const [SOL_SOCKET, SO_REUSEADDR, IPPROTO_IPV6, IPV6_V6ONLY] = [1, 2, 41, 26]
const kinds = { tcp: [1, 0], udp: [2, 0], sctp: [1, 132] } as const

export type Protocol = keyof typeof kinds

function toSockaddr(address: string, port: number): Buffer {
  const out = Buffer.alloc(isIPv6(address) ? 28 : 16)
  out.writeUInt16LE(isIPv6(address) ? AF_INET6 : AF_INET, 0)
  out.writeUInt16BE(port, 2)
  addressBytes(address).copy(out, isIPv6(address) ? 8 : 4)
  return out
}

/**
 * A socket bound in the network namespace of the calling thread, which keeps the port from everyone else; with
 * `listen` it serves (TCP), and Node may adopt the descriptor.
 *
 * @throws KernelError EADDRINUSE, EADDRNOTAVAIL, EPROTONOSUPPORT
 */
export function bindSocket(protocol: Protocol, address: string, port: number, listen = false): number {
  const [type, number] = kinds[protocol]
  const v6 = isIPv6(address)
  const fd = check(socketCall(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, number), 'socket')
  const on = Buffer.from([1, 0, 0, 0])
  try {
    if (v6) setsockoptCall(fd, IPPROTO_IPV6, IPV6_V6ONLY, on, 4)
    if (listen) setsockoptCall(fd, SOL_SOCKET, SO_REUSEADDR, on, 4)
    const sockaddr = toSockaddr(address, port)
    check(bindCall(fd, sockaddr, sockaddr.length), 'bind', `${address}:${port}`)
    if (listen && protocol === 'tcp') check(listenCall(fd, 128), 'listen')
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
