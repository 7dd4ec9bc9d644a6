import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { Solver } from '../../spec/engine-api/solver.ts'
import { bridgeHandlers } from './bridge.ts'
import { bridgeMetaHandlers } from './bridge-meta.ts'
import { buildOverHttp } from './build-endpoint.ts'
import { contentHandlers } from './content-server.ts'
import { controlHandlers } from './control.ts'
import { serveGrpc } from './grpc/server.ts'
import { Jobs } from './job.ts'
import { Session } from './session.ts'
import { Sessions } from './sessions.ts'

const switching = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'

function refuse(socket: Duplex, text: string): void {
  const body = `${JSON.stringify({ message: text })}\n`
  socket.end(
    `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/**
 * BuildKit's protocol, and what `POST /build` does for it. Takes over `/grpc`, where the engine then is the HTTP/2 server, and `/session`, where it is the client and calls back.
 * Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Session
 */
export function openBuildKit(solver: Solver, log: Log) {
  const sessions = new Sessions()
  const deps = { solver, sessions, jobs: new Jobs() }
  const handlers = {
    ...controlHandlers(deps),
    ...bridgeHandlers(deps),
    ...bridgeMetaHandlers(deps),
    ...contentHandlers(solver.history),
  }
  const onError = (path: string, error: unknown) => log.error('call failed', { path, error: messageOf(error) })
  const upgrade = (path: string, request: IncomingMessage, socket: Duplex, head: Buffer): boolean => {
    if (request.method !== 'POST' || (path !== '/grpc' && path !== '/session')) return false
    const protocol = request.headers.upgrade ?? ''
    if (protocol !== 'h2c') {
      refuse(socket, `protocol ${protocol} not supported`)
      return true
    }
    socket.write(switching)
    if (head.length > 0) socket.unshift(head)
    if (path === '/grpc') serveGrpc(socket, handlers, onError)
    else sessions.add(new Session(socket, request.headers))
    return true
  }
  return { upgrade, buildOverHttp: buildOverHttp(deps) }
}
