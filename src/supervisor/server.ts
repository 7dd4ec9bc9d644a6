import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import {
  type AttachRequest,
  encodeFrame,
  FrameDecoder,
  type Notice,
  type Operations,
  type Reply,
  type Request,
} from './protocol.ts'
import { Supervisor } from './supervisor.ts'

/** Without tasks and without an engine there is nothing to stay for. */
const idleMillis = 30_000

export interface ServerOptions {
  readonly socketPath: string
  readonly execRoot: string
  readonly log: Log
  /** called when nobody needs the supervisor any more */
  readonly onIdle: () => void
}

type Handlers = {
  readonly [K in keyof Operations]: (
    request: Operations[K]['request'],
  ) => Operations[K]['reply'] | Promise<Operations[K]['reply']>
}

/** Serves the engine on a private socket: see protocol.ts. */
export function serveSupervisor({ socketPath, execRoot, log, onIdle }: ServerOptions): void {
  /** Who hears notices: only those that asked for something, as a stream that is to be attached must carry nothing else. */
  const engines = new Set<Socket>()
  const notify = (notice: Notice) => {
    for (const socket of engines) socket.write(encodeFrame(notice))
  }
  const supervisor = new Supervisor(execRoot, notify)
  let isLeaving = false
  const handlers: Handlers = {
    start: request => supervisor.start(request),
    exec: request => supervisor.exec(request),
    signal: request => supervisor.signal(request),
    pause: request => supervisor.pause(request),
    checkpoint: request => supervisor.checkpoint(request),
    resize: request => supervisor.resize(request),
    dns: request => supervisor.dns(request),
    proxy: request => supervisor.proxy(request),
    list: () => supervisor.list(),
    forget: request => supervisor.forget(request),
    shutdown: () => {
      isLeaving = true
      setImmediate(leaveIfIdle)
      return {}
    },
  }
  const leaveIfIdle = () => {
    if (supervisor.taskCount > 0 || (engines.size > 0 && !isLeaving)) return
    rmSync(socketPath, { force: true })
    onIdle()
  }

  const answer = async (socket: Socket, request: Exclude<Request, AttachRequest>) => {
    let reply: Reply
    try {
      const handle = handlers[request.op] as (request: unknown) => unknown
      reply = { seq: request.seq, ok: true, value: await handle(request) }
    } catch (error) {
      log.debug('operation failed', { op: request.op, error: messageOf(error) })
      reply = { seq: request.seq, ok: false, message: messageOf(error), code: (error as NodeJS.ErrnoException).code }
    }
    if (socket.writable) socket.write(encodeFrame(reply))
  }

  const attach = (socket: Socket, request: AttachRequest, rest: Buffer) => {
    socket.removeAllListeners('data')
    socket.write(encodeFrame({ seq: 0, ok: true, value: {} }))
    supervisor.streamsOf(request.id).attach(socket, request)
    if (rest.length) socket.unshift(rest)
  }

  const server = createServer({ allowHalfOpen: true }, socket => {
    const decoder = new FrameDecoder()
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (engines.delete(socket)) setTimeout(leaveIfIdle, isLeaving ? 0 : idleMillis).unref()
    })
    const onEnd = () => socket.end()
    socket.on('end', onEnd)
    socket.on('data', (chunk: Buffer) => {
      decoder.push(chunk)
      for (let message = decoder.next(); message; message = decoder.next()) {
        const request = message as Request
        if (request.op === 'attach') {
          socket.off('end', onEnd)
          return attach(socket, request, decoder.rest())
        }
        engines.add(socket)
        void answer(socket, request)
      }
    })
  })
  rmSync(socketPath, { force: true })
  server.listen(socketPath, () => chmodSync(socketPath, 0o600))
}
