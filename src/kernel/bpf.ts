import { endianness } from 'node:os'
import koffi from 'koffi'
import { bind, check } from './libc.ts'

const syscall = bind('long syscall(long number, long command, void *attributes, long size)')
const number = process.arch === 'arm64' ? 280 : 321
const [loadProgram, SCHED_CLS] = [5, 3]

/** One instruction: see linux/bpf.h. */
export type Instruction = readonly [code: number, target: number, source: number, offset: number, immediate: number]

function encode([code, target, source, offset, immediate]: Instruction): Buffer {
  const out = Buffer.alloc(8)
  out[0] = code
  out[1] = endianness() === 'LE' ? (source << 4) | target : (target << 4) | source
  out.writeInt16LE(offset, 2)
  out.writeInt32LE(immediate | 0, 4)
  return out
}

/** Loads a classifier for traffic control and returns its descriptor. */
export function loadClassifier(program: readonly Instruction[]): number {
  const code = Buffer.concat(program.map(encode))
  const licence = Buffer.from('Apache-2.0\0')
  const attributes = Buffer.alloc(128)
  attributes.writeUInt32LE(SCHED_CLS, 0)
  attributes.writeUInt32LE(program.length, 4)
  attributes.writeBigUInt64LE(koffi.address(code), 8)
  attributes.writeBigUInt64LE(koffi.address(licence), 16)
  return check(Number(syscall(number, loadProgram, attributes, attributes.length)), 'bpf')
}
