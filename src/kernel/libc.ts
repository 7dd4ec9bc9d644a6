import { getSystemErrorMap } from 'node:util'
import koffi from 'koffi'

const libc = koffi.load('libc.so.6')

const errnoNames = new Map([...getSystemErrorMap()].map(([code, [name, text]]) => [-code, { name, text }]))

/** A failed kernel call as Node reports its own: `code` is `ENOENT` and the like. */
export class KernelError extends Error {
  readonly code: string
  readonly errno: number
  readonly syscall: string

  constructor(errno: number, syscall: string, subject = '') {
    const { name, text } = errnoNames.get(errno) ?? { name: `E${errno}`, text: `error ${errno}` }
    super(`${syscall}${subject && ` ${subject}`}: ${text} (${name})`)
    this.name = 'KernelError'
    this.code = name
    this.errno = errno
    this.syscall = syscall
  }
}

/**
 * Binds a C function by its prototype.
 *
 * @example const umount2 = bind('int umount2(const char *target, int flags)')
 */
// biome-ignore lint/suspicious/noExplicitAny: the prototype is text, so TypeScript cannot know it
export const bind = (prototype: string): ((...args: any[]) => any) => libc.func(prototype)

/** The result of a call that returns a negative number on failure, or a `KernelError`. */
export function check(result: number, syscall: string, subject?: string): number {
  if (result < 0) throw new KernelError(koffi.errno(), syscall, subject)
  return result
}
