import { closeSync, rmSync } from 'node:fs'
import koffi from 'koffi'
import { bind, check, KernelError } from './libc.ts'

const socketCall = bind('int socket(int domain, int type, int protocol)')
const bindCall = bind('int bind(int fd, void *address, unsigned int length)')
const listenCall = bind('int listen(int fd, int backlog)')
const acceptCall = bind('int accept4(int fd, void *address, void *length, int flags)')
const recvmsgCall = bind('long recvmsg(int fd, void *message, int flags)')

const AF_UNIX = 1
const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0x800
const SOCK_CLOEXEC = 0x80000
const MSG_CMSG_CLOEXEC = 0x40000000

function unixAddress(path: string): Buffer {
  const bytes = Buffer.from(path)
  if (bytes.length > 107) throw new KernelError(36, 'bind', path) // ENAMETOOLONG
  const address = Buffer.alloc(bytes.length + 3)
  address.writeUInt16LE(AF_UNIX, 0)
  bytes.copy(address, 2)
  return address
}

/** struct msghdr with one byte of data and room for one descriptor; keep `parts` alive while the kernel writes. */
function message(): { readonly header: Buffer; readonly control: Buffer; readonly parts: readonly Buffer[] } {
  const data = Buffer.alloc(1024)
  const control = Buffer.alloc(24)
  const vector = Buffer.alloc(16)
  vector.writeBigUInt64LE(koffi.address(data), 0)
  vector.writeBigUInt64LE(BigInt(data.length), 8)
  const header = Buffer.alloc(56)
  header.writeBigUInt64LE(koffi.address(vector), 16)
  header.writeBigUInt64LE(1n, 24)
  header.writeBigUInt64LE(koffi.address(control), 32)
  header.writeBigUInt64LE(BigInt(control.length), 40)
  return { header, control, parts: [data, vector] }
}

/**
 * The socket through which an OCI runtime hands over the terminal it made.
 * Spec: https://github.com/opencontainers/runc/blob/main/docs/terminals.md
 */
export class ConsoleSocket implements Disposable {
  readonly path: string
  readonly #fd: number

  constructor(path: string) {
    this.path = path
    rmSync(path, { force: true })
    this.#fd = check(socketCall(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket')
    const address = unixAddress(path)
    check(bindCall(this.#fd, address, address.length), 'bind', path)
    check(listenCall(this.#fd, 1), 'listen', path)
  }

  /** The terminal's master side; call it once the runtime has ended well, so that it waits in the socket. */
  receive(): number {
    const connection = check(acceptCall(this.#fd, null, null, SOCK_CLOEXEC), 'accept4', this.path)
    try {
      const { header, control, parts } = message()
      check(Number(recvmsgCall(connection, header, MSG_CMSG_CLOEXEC)), 'recvmsg', this.path)
      if (parts.length === 0 || control.readBigUInt64LE(0) < 20n) throw new KernelError(71, 'recvmsg', this.path) // EPROTO
      return control.readInt32LE(16)
    } finally {
      closeSync(connection)
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
    rmSync(this.path, { force: true })
  }
}
