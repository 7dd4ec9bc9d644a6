import type { Duplex } from 'node:stream'
import { bind } from './libc.ts'

const ioctl = bind('int ioctl(int fd, unsigned long request, void *argument)')
const SIOCOUTQ = 0x5411

/**
 * Whether the other end of a UNIX socket has yet to read what was written to it; false where that cannot be told.
 * Spec: https://man7.org/linux/man-pages/man7/unix.7.html
 */
export function isUnread(socket: Duplex): boolean {
  const { fd } = (socket as { _handle?: { fd?: number } | null })._handle ?? {}
  if (fd === undefined || fd < 0) return false
  const count = Buffer.alloc(4)
  return ioctl(fd, SIOCOUTQ, count) === 0 && count.readInt32LE(0) > 0
}
