import koffi from 'koffi'
import { bind, check, KernelError } from './libc.ts'

const waitpid = bind('int waitpid(int pid, _Out_ int *status, int options)')
const prctl = bind('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)')

const WNOHANG = 1
const ECHILD = 10
const PR_SET_CHILD_SUBREAPER = 36
const PR_SET_PDEATHSIG = 1

export interface Exit {
  readonly pid: number
  /** as a shell tells it: 128 + n for a process killed by signal n */
  readonly exitCode: number
}

/** Orphans below this process become its children instead of init's. */
export const becomeSubreaper = (): void => void check(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 'prctl')

/** Sends this process `signal` when its parent's thread ends. */
export const dieWithParent = (signal: number): void => void check(prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0), 'prctl')

/** One ended child, or undefined when there is none now. */
export function reapChild(pid = -1): Exit | undefined {
  const status: [number] = [0]
  const reaped = waitpid(pid, status, WNOHANG)
  if (reaped === 0) return undefined
  if (reaped < 0) {
    if (koffi.errno() === ECHILD) return undefined
    throw new KernelError(koffi.errno(), 'waitpid')
  }
  const signal = status[0] & 0x7f
  return { pid: reaped, exitCode: signal ? 128 + signal : (status[0] >> 8) & 0xff }
}
