import { bind, check } from './libc.ts'

const ioctl = bind('int ioctl(int fd, unsigned long request, void *argument)')
const TIOCSWINSZ = 0x5414

/** Tells the terminal behind `fd` its size in characters; its processes get SIGWINCH. */
export function setWindowSize(fd: number, height: number, width: number): void {
  const size = Buffer.alloc(8)
  size.writeUInt16LE(height, 0)
  size.writeUInt16LE(width, 2)
  check(ioctl(fd, TIOCSWINSZ, size), 'ioctl', 'TIOCSWINSZ')
}
