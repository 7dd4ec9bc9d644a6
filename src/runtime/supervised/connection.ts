import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  encodeFrame,
  FrameDecoder,
  type Notice,
  type Operation,
  type Operations,
  type Reply,
} from '../../supervisor/protocol.ts'
import type { AttachTask } from '../runtime.ts'

/** The supervisor died, before the call or in the middle of it. */
export const isGone = (error: unknown): boolean => error instanceof SupervisorError && error.code === goneCode

const goneCode = 'EPIPE'

/** The supervisor's refusal, as it worded it. */
export class SupervisorError extends Error {
  readonly code: string | undefined
  constructor(message: string, code?: string) {
    super(message)
    this.code = code
  }
}

export function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

interface Waiter {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** One conversation with the supervisor. */
export class Connection {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiter>()
  readonly closed: Promise<void>
  #seq = 0

  constructor(socket: Socket, onNotice: (notice: Notice) => void) {
    this.#socket = socket
    const decoder = new FrameDecoder()
    socket.on('data', (chunk: Buffer) => {
      decoder.push(chunk)
      for (let message = decoder.next(); message; message = decoder.next()) {
        if ('seq' in (message as object)) this.#settle(message as Reply)
        else onNotice(message as Notice)
      }
    })
    socket.on('error', () => socket.destroy())
    this.closed = new Promise(resolve => socket.once('close', () => resolve()))
    void this.closed.then(() => this.#abandon())
    socket.on('end', () => socket.destroy())
  }

  call<K extends Operation>(op: K, request: Operations[K]['request']): Promise<Operations[K]['reply']> {
    const seq = ++this.#seq
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new SupervisorError('the supervisor is gone', goneCode))
      this.#waiting.set(seq, { resolve: resolve as (value: unknown) => void, reject })
      this.#socket.write(encodeFrame({ ...request, op, seq }))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #settle(reply: Reply): void {
    const waiter = this.#waiting.get(reply.seq)
    this.#waiting.delete(reply.seq)
    if (reply.ok) waiter?.resolve(reply.value)
    else waiter?.reject(new SupervisorError(reply.message, reply.code))
  }

  #abandon(): void {
    for (const { reject } of this.#waiting.values())
      reject(new SupervisorError('the supervisor ended during the call', goneCode))
    this.#waiting.clear()
  }
}

/** A connection that turns into the raw streams of a task. */
export async function attachTo(path: string, request: AttachTask): Promise<Duplex> {
  const socket = await openSocket(path)
  socket.write(encodeFrame({ ...request, op: 'attach' }))
  const decoder = new FrameDecoder()
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      decoder.push(chunk)
      if (!decoder.next()) return
      socket.off('data', onData)
      socket.off('close', onClose)
      socket.pause()
      const rest = decoder.rest()
      if (rest.length) socket.unshift(rest)
      resolve()
    }
    const onClose = () => reject(new SupervisorError('the supervisor ended during the call', goneCode))
    socket.on('data', onData)
    socket.once('close', onClose)
    socket.on('error', () => socket.destroy())
  })
  return socket
}
