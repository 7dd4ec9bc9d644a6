import { closeSync } from 'node:fs'
import { bind, check } from './libc.ts'

const socketCall = bind('int socket(int domain, int type, int protocol)')
const connectCall = bind('int connect(int fd, const void *address, uint32_t length)')
const sendCall = bind('long send(int fd, const void *bytes, size_t length, int flags)')

const [AF_UNIX, SOCK_DGRAM, SOCK_CLOEXEC, MSG_NOSIGNAL] = [1, 2, 0o2000000, 0x4000]

export interface DatagramSocket extends Disposable {
  /** One message. @throws KernelError EMSGSIZE, ECONNREFUSED */
  send(bytes: Buffer): void
}

/** A UNIX socket of datagrams, which Node has none of. @throws KernelError when nobody listens at `path` */
export function connectDatagrams(path: string): DatagramSocket {
  const fd = check(socketCall(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket')
  const address = Buffer.alloc(110)
  address.writeUInt16LE(AF_UNIX, 0)
  address.write(path, 2, 'utf8')
  try {
    check(connectCall(fd, address, 2 + Buffer.byteLength(path) + 1), 'connect', path)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return {
    send: bytes => void check(Number(sendCall(fd, bytes, bytes.length, MSG_NOSIGNAL)), 'send', path),
    [Symbol.dispose]: () => closeSync(fd),
  }
}
