import { once } from 'node:events'
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { Message } from '../wire/message.ts'
import { frame, messagesIn } from './frames.ts'
import { codes, GrpcError } from './status.ts'

export type Metadata = Readonly<Record<string, string | readonly string[]>>

/** A call that is open in both directions. */
export interface OpenCall extends AsyncDisposable {
  /** ends when the server has no more; throws GrpcError when it ends badly */
  readonly messages: AsyncGenerator<Buffer>
  send(message: Uint8Array): Promise<void>
  /** no more will be sent */
  end(): void
  cancel(): void
}

/** The client's side of gRPC on a connection that is there already. */
export class GrpcChannel implements Disposable {
  readonly #session: ClientHttp2Session
  readonly closed: Promise<void>

  constructor(socket: Duplex) {
    this.#session = connect('http://localhost', {
      createConnection: () => socket,
      settings: { initialWindowSize: 4 << 20, enablePush: false },
    })
    this.#session.on('error', () => this.#session.destroy())
    for (const event of ['end', 'close'] as const) socket.once(event, () => this.#session.destroy())
    this.#session.once('connect', session => session.setLocalWindowSize(16 << 20))
    this.closed = new Promise(resolve => this.#session.once('close', () => resolve()))
  }

  get isClosed(): boolean {
    return this.#session.closed || this.#session.destroyed
  }

  open(path: string, metadata: Metadata = {}): OpenCall {
    if (this.isClosed) throw new GrpcError(codes.unavailable, 'no active session')
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(metadata as Record<string, string | string[]>),
    })
    let trailers: IncomingHttpHeaders | undefined
    stream.on('error', () => {})
    stream.on('trailers', headers => (trailers = headers))
    stream.on('response', headers => (trailers ??= headers['grpc-status'] === undefined ? undefined : headers))
    async function* messages() {
      try {
        yield* messagesIn(stream)
      } catch (error) {
        if (error instanceof GrpcError) throw error
      }
      checkStatus(trailers)
    }
    return {
      messages: messages(),
      send: async message => {
        if (stream.destroyed) throw new GrpcError(codes.unavailable, 'the session is gone')
        if (!stream.write(frame(message)) && !stream.destroyed)
          await Promise.race([once(stream, 'drain'), once(stream, 'close')])
      },
      end: () => void stream.end(),
      cancel: () => stream.close(8),
      [Symbol.asyncDispose]: async () => void (stream.destroyed || stream.close(8)),
    }
  }

  async unary<Out, In>(
    path: string,
    [request, response]: readonly [Message<unknown, In>, Message<Out, never>],
    value: In,
    metadata: Metadata = {},
  ): Promise<Out> {
    const call = this.open(path, metadata)
    await call.send(request.encode(value))
    call.end()
    let answer: Buffer | undefined
    for await (const each of call.messages) answer = each
    if (!answer) throw new GrpcError(codes.internal, `${path} answered nothing`)
    return response.decode(answer)
  }

  [Symbol.dispose](): void {
    this.#session.destroy()
  }
}

function checkStatus(trailers: IncomingHttpHeaders | undefined): void {
  if (!trailers) throw new GrpcError(codes.unavailable, 'the session is gone')
  const code = Number(trailers['grpc-status'] ?? codes.unknown)
  if (code === codes.ok) return
  const details = trailers['grpc-status-details-bin']
  throw new GrpcError(
    code,
    decode(String(trailers['grpc-message'] ?? '')),
    details === undefined ? undefined : Buffer.from(String(details), 'base64'),
  )
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
