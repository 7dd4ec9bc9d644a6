import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, WebSocketServer } from 'ws'

const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1 << 20 })
const normalClosure = 1000

/**
 * Turns an upgrade request into a WebSocket whose binary messages are the bytes of `process`, and the reverse. However
 * `process` ends, also by detach keys, the client is told a normal end (1000).
 */
export function joinWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, process: Duplex): void {
  server.handleUpgrade(request, socket, head, client => {
    const stream = createWebSocketStream(client)
    stream.on('error', () => process.destroy())
    stream.on('close', () => process.destroy())
    process.on('error', () => {}) // `close` comes after it
    for (const end of ['end', 'close']) process.on(end, () => client.close(normalClosure))
    process.pipe(stream, { end: false })
    stream.pipe(process)
  })
}
