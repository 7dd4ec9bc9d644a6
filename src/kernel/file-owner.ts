import { bind, check } from './libc.ts'

const prctl = bind('int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)')
const setfsuid = bind('int setfsuid(unsigned int uid)')
const setfsgid = bind('int setfsgid(unsigned int gid)')
const PR_SET_SECUREBITS = 28
const SECBIT_NO_SETUID_FIXUP = 4

const setSecureBits = (bits: number): void => void check(prctl(PR_SET_SECUREBITS, bits, 0, 0, 0), 'prctl')

/**
 * What the calling thread makes belongs to `uid` and `gid` until disposed of, with all the rights that it has: where
 * owners are mapped, root has no name and can make nothing.
 */
export function actAs({ uid, gid }: { readonly uid: number; readonly gid: number }): Disposable {
  setSecureBits(SECBIT_NO_SETUID_FIXUP) // else capabilities go with the id
  setfsgid(gid)
  setfsuid(uid)
  return {
    [Symbol.dispose]: () => {
      setfsuid(0)
      setfsgid(0)
      setSecureBits(0)
    },
  }
}
