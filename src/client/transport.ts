import { connect as connectSocket } from 'node:net'
import { Duplex } from 'node:stream'
import { EngineError, hasCode } from '../base/errors.ts'
import type { EngineEndpoint } from '../spec/engine-api/connection.ts'

const unreachable = (host: string, cause: Error): EngineError => {
  if (hasCode(cause, 'EACCES')) {
    const path = host.replace(/^unix:\/\//, '')
    const text = `permission denied while trying to connect to the Docker daemon socket at ${host}: Head "http://${encodeURIComponent(path)}/_ping": dial unix ${path}: connect: permission denied`
    return new EngineError('forbidden', text, { cause })
  }
  const text = `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`
  return new EngineError('unavailable', text, { cause })
}

const opened = (socket: Duplex, event: string, host: string): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(unreachable(host, error))
    socket.once('error', fail)
    socket.once(event, () => {
      socket.off('error', fail)
      socket.on('error', () => {}) // later failures reach whoever reads
      resolve(socket)
    })
  })

async function overTls(host: string, url: URL, tls: NonNullable<EngineEndpoint['tls']>): Promise<Duplex> {
  const { connect } = await import('node:tls')
  const options = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 2376),
    ...(tls.ca ? { ca: Buffer.from(tls.ca) } : {}),
    ...(tls.cert ? { cert: Buffer.from(tls.cert) } : {}),
    ...(tls.key ? { key: Buffer.from(tls.key) } : {}),
    rejectUnauthorized: tls.verify,
    allowHalfOpen: true,
  }
  const socket = connect(options)
  return new Promise((resolve, reject) => {
    socket.once('error', error =>
      reject(
        hasCode(error, 'ECONNREFUSED')
          ? unreachable(host, error)
          : new EngineError('unavailable', `error during connect: ${error.message}`, { cause: error }),
      ),
    )
    socket.once('secureConnect', () => resolve(socket))
  })
}

async function overSsh(url: URL): Promise<Duplex> {
  const { spawn } = await import('node:child_process')
  const path = url.pathname && url.pathname !== '/' ? ['--host', `unix://${url.pathname}`] : []
  const args = [
    '-o',
    'ConnectTimeout=30',
    '-T',
    ...(url.username ? ['-l', decodeURIComponent(url.username)] : []),
    ...(url.port ? ['-p', url.port] : []),
    '--',
    url.hostname,
    'docker',
    ...path,
    'system',
    'dial-stdio',
  ]
  const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.on('error', error => child.stdout.destroy(error))
  return Duplex.from({ writable: child.stdin, readable: child.stdout } as never)
}

/**
 * Opens one connection to the engine. Ending the writable half leaves the readable half open.
 *
 * @throws EngineError `unavailable` with Docker's text
 */
export function dial({ host, tls }: EngineEndpoint): Promise<Duplex> {
  const scheme = host.slice(0, host.indexOf('://'))
  if (scheme === 'unix')
    return opened(connectSocket({ path: host.slice('unix://'.length), allowHalfOpen: true }), 'connect', host)
  const url = new URL(host.replace(/^(tcp|https?):/, 'http:').replace(/^ssh:/, 'http:'))
  if (scheme === 'ssh') return overSsh(url)
  if (tls) return overTls(host, url, tls)
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  return opened(
    connectSocket({ host: hostname, port: Number(url.port || 2375), allowHalfOpen: true, noDelay: true }),
    'connect',
    host,
  )
}
