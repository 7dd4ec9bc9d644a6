import { once } from 'node:events'
import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { Message } from '../wire/message.ts'
import { frame, messagesIn } from './frames.ts'
import { codes, GrpcError, toGrpcError } from './status.ts'

/** One call, as its handler sees it. */
export interface Call {
  readonly metadata: IncomingHttpHeaders
  /** fires when the caller is gone */
  readonly signal: AbortSignal
  readonly messages: AsyncIterator<Buffer>
  send(message: Uint8Array): Promise<void> | void
}

export type Handler = (call: Call) => Promise<void>
/** by path, `/package.Service/Method` */
export type Handlers = Readonly<Record<string, Handler>>

/** One message in, one out. */
export const unary =
  <Request, In>(
    request: Message<Request, never>,
    response: Message<unknown, In>,
    answer: (request: Request, call: Call) => Promise<In>,
  ): Handler =>
  async call => {
    const { value, done } = await call.messages.next()
    if (done) throw new GrpcError(codes.invalid, 'the call has no message')
    await call.send(response.encode(await answer(request.decode(value), call)))
  }

/** One message in, any number out. */
export const streaming =
  <Request, In>(
    request: Message<Request, never>,
    response: Message<unknown, In>,
    answer: (request: Request, call: Call) => AsyncIterable<In>,
  ): Handler =>
  async call => {
    const { value, done } = await call.messages.next()
    if (done) throw new GrpcError(codes.invalid, 'the call has no message')
    for await (const each of answer(request.decode(value), call)) await call.send(response.encode(each))
  }

/** Serves gRPC to the client at the other end of `socket`. */
export function serveGrpc(socket: Duplex, handlers: Handlers, onError: (path: string, error: unknown) => void): void {
  const session = performServerHandshake(socket, {
    settings: { initialWindowSize: 1 << 20, maxConcurrentStreams: 1000 },
  })
  session.on('error', () => session.destroy())
  // a client that was killed says no more than that: HTTP servers keep such a connection half open
  for (const event of ['end', 'close'] as const) socket.once(event, () => session.destroy())
  session.on('stream', (stream, headers) => {
    const path = headers[':path'] ?? ''
    answer(stream, headers, handlers[path]).catch(error => onError(path, error))
  })
}

async function answer(stream: ServerHttp2Stream, metadata: IncomingHttpHeaders, handler: Handler | undefined) {
  const gone = new AbortController()
  let status = { 'grpc-status': '0' } as Record<string, string>
  stream.on('error', () => {})
  stream.on('close', () => gone.abort())
  stream.on('wantTrailers', () => stream.sendTrailers(status))
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true })
  try {
    if (!handler) throw new GrpcError(codes.unimplemented, `unknown method ${metadata[':path']}`)
    const send = async (message: Uint8Array) => {
      if (stream.destroyed) throw new GrpcError(codes.cancelled, 'context canceled')
      if (!stream.write(frame(message))) await once(stream, 'drain', { signal: gone.signal })
    }
    await handler({ metadata, signal: gone.signal, messages: messagesIn(stream), send })
  } catch (error) {
    status = trailersOf(toGrpcError(error))
    if (!(error instanceof GrpcError) && !gone.signal.aborted) throw error
  } finally {
    if (!stream.destroyed) stream.end()
    stream.resume()
  }
}

function trailersOf({ code, message, details }: GrpcError): Record<string, string> {
  return {
    'grpc-status': String(code),
    'grpc-message': encodeURIComponent(message).replace(/%20/g, ' '),
    ...(details && { 'grpc-status-details-bin': Buffer.from(details).toString('base64') }),
  }
}
