import { readFileSync } from 'node:fs'
import koffi from 'koffi'
import { bind, check } from './libc.ts'

const syscall = bind('long syscall(long number, long a, long b, void *c, long d)')
const pidfdOpenCall = bind('long syscall(long number, int pid, unsigned int flags)')
const ioctl = bind('int ioctl(int fd, unsigned long request, void *argument)')
const pollCall = bind('int poll(void *fds, unsigned long count, int timeoutMillis)')

const SYS_pidfd_open = 434
const SYS_pidfd_send_signal = 424
const PIDFD_GET_INFO = 0xc048ff0bn // _IOWR(0xff, 11, struct pidfd_info of 72 bytes)
const PIDFD_INFO_EXIT = 8n
const POLLIN = 1

/** Clock ticks after boot at which the process started: with the pid it names one process for ever. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** A descriptor that stays with one process, whatever happens to its number. */
export const openPidfd = (pid: number): number =>
  check(Number(pidfdOpenCall(SYS_pidfd_open, pid, 0)), 'pidfd_open', String(pid))

export const signalPidfd = (fd: number, signal: number): void =>
  void check(Number(syscall(SYS_pidfd_send_signal, fd, signal, null, 0)), 'pidfd_send_signal')

/** Whether the process behind the descriptor has ended. */
export function hasEnded(fd: number): boolean {
  const request = Buffer.alloc(8)
  request.writeInt32LE(fd, 0)
  request.writeInt16LE(POLLIN, 4)
  return pollCall(request, 1, 0) > 0
}

/** Exit code of an ended process that was somebody else's child; undefined where the kernel (before 6.15) keeps it. */
export function exitCodeOf(fd: number): number | undefined {
  const info = Buffer.alloc(72)
  info.writeBigUInt64LE(PIDFD_INFO_EXIT, 0)
  if (ioctl(fd, PIDFD_GET_INFO, info) < 0 || koffi.errno() === -1) return undefined
  if (!(info.readBigUInt64LE(0) & PIDFD_INFO_EXIT)) return undefined
  return toExitCode(info.readInt32LE(60))
}

function toExitCode(status: number): number {
  const signal = status & 0x7f
  return signal ? 128 + signal : (status >> 8) & 0xff
}

/** The same of a process that has ended and that nobody has asked after yet; undefined when it is none. */
export function zombieExitCode(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? toExitCode(Number(fields[49])) : undefined
  } catch {
    return undefined
  }
}
