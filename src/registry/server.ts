import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Log } from '../base/log.ts'
import { normalizeConfig, type RegistryConfig } from './config.ts'
import { dispatch } from './dispatch.ts'
import { openRegistry } from './open-registry.ts'
import type { Context, Reply } from './request.ts'

export interface ServeOptions extends Partial<RegistryConfig> {
  readonly log: Log
}

const silenceMillis = 120_000

/**
 * A registry as an HTTP server that does not listen yet; closing it closes the registry; `closed`
 * is emitted when all is on disk.
 *
 * @throws EngineError `invalid` for settings that make no sense
 */
export async function serveRegistry({ log, ...given }: ServeOptions): Promise<Server> {
  const config = normalizeConfig(given)
  const registry = await openRegistry(config, log)
  const onRequest = (req: IncomingMessage, res: ServerResponse) => {
    handle(registry.context, req, res).catch(error => {
      log.debug('reply not sent', { url: req.url, error })
      res.destroy()
    })
  }
  const server = listener(config, onRequest)
  server.timeout = silenceMillis
  watchConnections(server)
  server.on('close', () => {
    registry[Symbol.asyncDispose]()
      .catch(error => log.error('registry not closed', { error }))
      .finally(() => server.emit('closed'))
  })
  return server
}

const sweepMillis = 100

/** Takes no new connections and lets go of each that has no request under way, also of those that come to rest later. */
export function stopServer(server: Server): void {
  server.close()
  const sweep = () => {
    server.closeIdleConnections()
    for (const socket of silent.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy()
  }
  sweep()
  const timer = setInterval(sweep, sweepMillis)
  server.once('close', () => clearInterval(timer))
}

/** Connections of each server, of which those that never asked anything are idle for us, not for Node. */
const silent = new WeakMap<Server, Set<Socket>>()

function watchConnections(server: Server): void {
  const open = new Set<Socket>()
  silent.set(server, open)
  server.on('connection', socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
}

// an upload may take hours, silence may not
const limits = { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 65_000 }

function listener({ tlsCert, tlsKey }: RegistryConfig, onRequest: Parameters<typeof createServer>[1]): Server {
  if (tlsCert === undefined || tlsKey === undefined) return createServer(limits, onRequest)
  return createTlsServer({ ...limits, cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }, onRequest)
}

async function handle(context: Context, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const started = performance.now()
  const { method = 'GET', url = '/', headers } = req
  const from = req.socket.remoteAddress ?? ''
  const scheme = 'encrypted' in req.socket ? 'https' : 'http'
  const origin = `${scheme}://${/^[\w.:[\]-]+$/.exec(headers.host ?? '')?.[0] ?? 'localhost'}`
  const reply = await dispatch(context, { method, url, headers, body: req, from, origin })
  req.resume() // what nobody wanted to read: most clients hear a refusal only when they are done sending
  try {
    await send(res, reply, method === 'HEAD')
  } finally {
    context.metrics.sent(Number(reply.headers?.['Content-Length'] ?? 0))
    context.metrics.count(method, reply.status, (performance.now() - started) / 1000)
  }
  const millis = Math.round(performance.now() - started)
  context.log.debug('request', { method, url, status: reply.status, from, millis })
}

async function send(res: ServerResponse, { status, headers = {}, body }: Reply, isHead: boolean): Promise<void> {
  const bytes = typeof body === 'function' ? undefined : body
  const length = bytes === undefined ? {} : { 'Content-Length': Buffer.byteLength(bytes) }
  res.writeHead(status, { 'Docker-Distribution-Api-Version': 'registry/2.0', ...length, ...headers })
  if (typeof body === 'function') await body(res)
  res.end(isHead ? undefined : bytes)
}
