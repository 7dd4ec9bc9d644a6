import { createSocket } from 'node:dgram'
import { connectDatagrams } from '../../../kernel/datagram.ts'

/** Sends messages that need no answer and may be lost. */
export interface Datagrams {
  send(bytes: Buffer): void
  close(): void
}

export function openUdp(host: string, port: number): Promise<Datagrams> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.unref()
  socket.on('error', () => {})
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.connect(port, host, () => {
      socket.off('error', reject)
      resolve({ send: bytes => socket.send(bytes, () => {}), close: () => socket.close() })
    })
  })
}

/** @throws KernelError when nobody listens */
export function openUnixDatagrams(path: string): Datagrams {
  let socket: ReturnType<typeof connectDatagrams> | undefined = connectDatagrams(path)
  const attempt = (bytes: Buffer) => {
    socket ??= connectDatagrams(path)
    socket.send(bytes)
  }
  const drop = () => {
    socket?.[Symbol.dispose]()
    socket = undefined
  }
  return {
    send: bytes => {
      try {
        attempt(bytes)
      } catch {
        drop() // the listener was started anew: the next message finds it
      }
    },
    close: drop,
  }
}
