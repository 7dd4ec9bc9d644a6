import { Duplex } from 'node:stream'
import type { Handler } from './grpc/server.ts'
import { Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { bytesMessage } from './wire/control.ts'

const pieceSize = 1 << 20

/** Control.Session: what `POST /session` does, in the messages of a call. It lasts as long as the connection in it. */
export const sessionHandler =
  (sessions: Sessions): Handler =>
  async ({ metadata, messages, send, signal }) => {
    const write = async (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += pieceSize)
        await send(bytesMessage.encode({ data: chunk.subarray(at, at + pieceSize) }))
    }
    const socket: Duplex = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _, done) => void write(chunk).then(() => done(), done),
      final: done => done(),
    })
    signal.addEventListener('abort', () => socket.destroy())
    void (async () => {
      for (let next = await messages.next(); !next.done; next = await messages.next())
        socket.push(bytesMessage.decode(next.value).data) // how much comes is bounded by the windows of the HTTP/2 inside
      socket.push(null)
    })().catch(() => socket.destroy())
    const session = new Session(socket, metadata)
    sessions.add(session)
    await session.closed
  }
