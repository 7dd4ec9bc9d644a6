import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { posix } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { EngineError, messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { errorBody, statusOf } from './errors.ts'
import { hijackHead, join } from './hijack.ts'
import { sendReply } from './reply.ts'
import { type Call, createRouter, type Match, type Reply, type Route } from './route.ts'
import { apiVersion, atLeast, checkVersion, dockerVersion, splitVersion } from './versions.ts'
import { joinWebSocket } from './websocket.ts'

export interface ApiOptions {
  readonly routes: readonly Route[]
  readonly log: Log
  /** told to clients, which offer more then */
  readonly isExperimental?: boolean
  /** whether a client has yet to read what was written to it */
  readonly isUnread?: (socket: Duplex) => boolean
  /** takes over connections of other protocols (gRPC, sessions): true when it did */
  readonly upgrade?: (path: string, request: IncomingMessage, socket: Duplex, head: Buffer) => boolean
}

const commonHeaders = { Server: `Docker/${dockerVersion} (linux)`, 'Api-Version': apiVersion, Ostype: 'linux' } as const

interface Found extends Match {
  readonly version: string
  readonly query: URLSearchParams
}

const notFound = () => new EngineError('not-found', 'page not found')

/** Lets percent-encoded text through as it is when it is broken. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Clients that put a path together carelessly are sent to what they mean, as Go's router does. */
function cleanUrl(url: string): string {
  const mark = url.indexOf('?')
  const path = decode(mark < 0 ? url : url.slice(0, mark))
  if (!path.includes('//') && !/\/\.\.?(\/|$)/.test(path)) return url
  return encodeURI(posix.normalize(path)) + (mark < 0 ? '' : url.slice(mark))
}

/** The Docker Engine API as a server of HTTP/1.1; the caller listens. */
export function createApi({
  routes,
  log,
  upgrade,
  isUnread = () => false,
  isExperimental = false,
}: ApiOptions): Server {
  const experimental = { 'Docker-Experimental': String(isExperimental) } as const
  const router = createRouter(routes)

  const find = (method: string, url: string): Found | undefined => {
    const mark = url.indexOf('?')
    const { version, path } = splitVersion(mark < 0 ? url : url.slice(0, mark))
    const match = router.match(method, path)
    if (!match) return undefined
    const params = Object.fromEntries(Object.entries(match.params).map(([key, value]) => [key, decode(value)]))
    return { route: match.route, params, version, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) }
  }

  const toCall = (
    found: Found,
    request: IncomingMessage,
    body: Readable,
    connection: Duplex | ServerResponse,
  ): Call => {
    const controller = new AbortController()
    const abort = () => controller.abort(new EngineError('cancelled', 'context canceled'))
    connection.once('close', abort)
    // who says no more may be gone: what goes on until then ends now, but an answer is still sent, as Go's server does
    const { socket } = request
    socket.once('end', abort)
    connection.once('close', () => socket.off('end', abort))
    return { ...found, headers: request.headers, body, signal: controller.signal }
  }

  const fail = (response: ServerResponse, error: unknown, version = apiVersion) => {
    const status = statusOf(error)
    if (status >= 500) log.warn('request failed', { status, error: messageOf(error) })
    if (response.headersSent) return response.destroy()
    if (status === 304) return response.writeHead(304).end()
    if (!atLeast(version, '1.24')) {
      const text = `${messageOf(error)}\n`
      const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }
      return response.writeHead(status, { ...plain, 'Content-Length': Buffer.byteLength(text) }).end(text)
    }
    const body = errorBody(error)
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
    response.writeHead(status, headers).end(response.req.method === 'HEAD' ? undefined : body)
  }

  /** Any path has options, as long as its version is one that is spoken. */
  const answerOptions = (url: string, response: ServerResponse): void => {
    const { version } = splitVersion(url.split('?')[0]!)
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value)
    try {
      checkVersion(version)
      response.writeHead(200, { ...experimental, 'Content-Length': 0 }).end()
    } catch (error) {
      fail(response, error, version)
    }
  }

  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url = '/' } = request
    request.on('error', () => {})
    response.on('error', () => {})
    const clean = cleanUrl(url)
    if (clean !== url) return response.writeHead(301, { Location: clean, 'Content-Length': 0 }).end()
    if (method === 'OPTIONS') return answerOptions(url, response)
    const found = find(method, url)
    if (!found) return fail(response, notFound())
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value)
    try {
      checkVersion(found.version)
      for (const [name, value] of Object.entries(experimental)) response.setHeader(name, value)
      const reply = await found.route.handle(toCall(found, request, request, response))
      if ('hijack' in reply) return hijackPlain(request, response, found, reply)
      await sendReply(response, reply, method === 'HEAD')
    } catch (error) {
      if (found.route.plainErrors) return failPlain(request.socket, error)
      fail(response, error, found.version)
    }
  }

  /** Old clients hijack without asking for an upgrade: the parser must let go of the socket first. */
  const hijackPlain = (
    request: IncomingMessage,
    response: ServerResponse,
    found: Found,
    reply: Reply & { hijack: Duplex },
  ) => {
    const { socket } = request
    response.detachSocket(socket)
    socket.on('data', () => {})
    socket.removeAllListeners('data')
    socket.removeAllListeners('end')
    takeOver(socket, Buffer.alloc(0), found, reply as Reply & { hijack: Duplex; tty: boolean }, undefined)
  }

  const takeOver = (
    socket: Duplex,
    rest: Buffer,
    found: Found,
    reply: { hijack: Duplex; tty: boolean },
    upgradeTo: string | undefined,
  ) => {
    const extra = found.route.plainErrors ? {} : { ...commonHeaders, ...experimental }
    socket.write(hijackHead({ upgrade: upgradeTo, version: found.version, tty: reply.tty, extra }))
    if (rest.length) socket.unshift(rest)
    join(socket, reply.hijack, () => isUnread(socket))
  }

  const failPlain = (socket: Duplex, error: unknown) => {
    const status = statusOf(error)
    const reason =
      { 400: 'Bad Request', 404: 'Not Found', 409: 'Conflict', 500: 'Internal Server Error' }[status] ?? 'Error'
    socket.end(
      `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n${messageOf(error)}\r\n`,
    )
  }

  const failUpgrade = (socket: Duplex, error: unknown) => {
    const body = errorBody(error)
    const headers = Object.entries({ ...commonHeaders, ...experimental }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    const status = statusOf(error)
    socket.end(
      `HTTP/1.1 ${status} Error\r\n${headers.join('')}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    )
  }

  const onUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const { method = 'GET', url = '/', headers } = request
    const { path } = splitVersion(url.split('?')[0]!)
    if (upgrade?.(path, request, socket, head)) return
    const clean = cleanUrl(url)
    if (clean !== url)
      return socket.end(
        `HTTP/1.1 301 Moved Permanently\r\nLocation: ${clean}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      )
    const found = find(method, url)
    if (!found) return failUpgrade(socket, notFound())
    try {
      checkVersion(found.version)
      const reply = await found.route.handle(toCall(found, request, request, socket))
      if ('hijack' in reply) takeOver(socket, head, found, reply, headers.upgrade)
      else if ('websocket' in reply) joinWebSocket(request, socket, head, reply.websocket)
      else socket.end(await plainReply(reply))
    } catch (error) {
      if (found.route.plainErrors) failPlain(socket, error)
      else failUpgrade(socket, error)
    }
  }

  /** An answer to a request that offered an upgrade nobody needed (exec start with Detach). */
  const plainReply = async (reply: Reply): Promise<string> => {
    const status = 'status' in reply ? (reply.status ?? 200) : 200
    const body = 'json' in reply ? `${JSON.stringify(reply.json)}\n` : ''
    const headers = Object.entries({ ...commonHeaders, ...experimental }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    return `HTTP/1.1 ${status} OK\r\n${headers.join('')}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  }

  const server = createServer({
    requireHostHeader: false,
    maxHeaderSize: 1 << 20,
    keepAliveTimeout: 0,
    requestTimeout: 0,
  })
  server.headersTimeout = 60_000
  Object.assign(server, { httpAllowHalfOpen: true }) // Node's own name, which its types do not tell
  server.timeout = 0
  server.on('request', (request, response) => void onRequest(request, response))
  server.on('upgrade', (request, socket, head) => void onUpgrade(request, socket, head))
  server.on('checkContinue', (request, response) => {
    response.writeContinue()
    void onRequest(request, response)
  })
  return server
}
