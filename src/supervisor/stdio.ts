import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { ReadStream, WriteStream } from 'node:tty'
import { duplicate, makeFifo } from '../kernel/fifo.ts'
import type { StdioSettings } from './protocol.ts'

export interface Pipes {
  readonly stdout: Readable
  readonly stderr?: Readable
  readonly stdin?: Writable
}

export interface ProcessStdio {
  /** descriptors for the process; close them once it has started */
  readonly child: readonly [number, number, number]
  readonly ours: Pipes
}

const { O_RDONLY, O_RDWR, O_WRONLY, O_NONBLOCK } = constants

/** A pipe cannot be opened through /proc by another user, nor found again after a crash; a FIFO can. */
function openOutput(path: string): { readonly reader: Readable; readonly childFd: number } {
  rmSync(path, { force: true })
  makeFifo(path)
  const reader = new Socket({ fd: openSync(path, O_RDONLY | O_NONBLOCK), readable: true, writable: false })
  // Read-write, so that the process holds a reader itself: without us it waits instead of dying of SIGPIPE.
  return { reader, childFd: openSync(path, O_RDWR) }
}

function openInput(path: string): { readonly writer: Writable; readonly childFd: number } {
  rmSync(path, { force: true })
  makeFifo(path)
  const childFd = openSync(path, O_RDONLY | O_NONBLOCK)
  const writerFd = openSync(path, O_WRONLY | O_NONBLOCK)
  const blocking = openSync(path, O_RDONLY) // what the process gets must not be non-blocking
  closeSync(childFd)
  return { writer: new Socket({ fd: writerFd, readable: false, writable: true }), childFd: blocking }
}

/** FIFOs in `dir` for a process without terminal. */
export function openPipes(dir: string, { stdin }: StdioSettings): ProcessStdio {
  const out = openOutput(join(dir, 'stdout'))
  const err = openOutput(join(dir, 'stderr'))
  const input = stdin ? openInput(join(dir, 'stdin')) : undefined
  return {
    child: [input?.childFd ?? openSync('/dev/null', 'r'), out.childFd, err.childFd],
    ours: { stdout: out.reader, stderr: err.reader, ...(input && { stdin: input.writer }) },
  }
}

/** For a process with a terminal: the runtime itself gets no stdio. */
export function openNoStdio(): readonly [number, number, number] {
  const fd = openSync('/dev/null', 'r+')
  return [fd, fd, fd]
}

/** The two directions of a terminal's master side. */
export function openTerminal(fd: number, stdin: boolean): Pipes {
  const stdout = new ReadStream(fd)
  return { stdout, ...(stdin && { stdin: new WriteStream(duplicate(fd)) }) }
}

/** After a crash of the supervisor: reads on from the FIFOs of a process that lives. */
export function reopenPipes(dir: string): Pipes {
  const reader = (name: string) =>
    new Socket({ fd: openSync(join(dir, name), O_RDONLY | O_NONBLOCK), readable: true, writable: false })
  return { stdout: reader('stdout'), stderr: reader('stderr') }
}

export const closeAll = (fds: Iterable<number>): void => {
  for (const fd of new Set(fds)) closeSync(fd)
}
