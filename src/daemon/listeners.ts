import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { hasCode } from '../base/errors.ts'
import { ConfigError } from './config.ts'

export type Address =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'fd'; readonly fd: number }

const firstActivatedFd = 3

/** @throws ConfigError for an address of another form */
export function parseAddress(text: string): Address {
  const match = /^(unix|tcp|fd):\/\/(.*)$/.exec(text)
  if (!match) throw new ConfigError(`unable to parse address: ${text}: use unix://, tcp:// or fd://`)
  const [, kind, rest = ''] = match
  if (kind === 'unix') return { kind, path: rest || '/run/berth/berth.sock' }
  if (kind === 'fd') return { kind, fd: /^\d+$/.test(rest) ? Number(rest) : firstActivatedFd }
  const url = URL.parse(`http://${rest || '127.0.0.1:2375'}`)
  if (!url) throw new ConfigError(`unable to parse address: ${text}`)
  return { kind: 'tcp', host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 2375) }
}

/** Whether somebody answers on a socket: a file alone may be left of a crash. */
export const isServed = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

function groupId(name: string): number | undefined {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find(row => row.startsWith(`${name}:`))
  return line === undefined ? undefined : Number(line.split(':')[2])
}

function start(server: Server, target: object): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(target, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Listens on a socket only its owner and the group may use. */
async function listenUnix(server: Server, path: string, group: string): Promise<void> {
  if (await isServed(path)) throw new ConfigError(`can't create unix socket ${path}: another engine listens there`)
  rmSync(path, { force: true })
  mkdirSync(dirname(path), { recursive: true })
  const before = process.umask(0o177)
  try {
    await start(server, { path })
  } finally {
    process.umask(before)
  }
  const gid = groupId(group)
  if (gid !== undefined) chownSync(path, 0, gid)
  chmodSync(path, 0o660)
}

export async function listen(server: Server, address: Address, group: string): Promise<void> {
  try {
    if (address.kind === 'unix') await listenUnix(server, address.path, group)
    else if (address.kind === 'tcp') await start(server, { host: address.host, port: address.port })
    else await start(server, { fd: address.fd })
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) throw new ConfigError(`failed to listen: ${error.message}`)
    throw error
  }
}

export function releaseAddress(address: Address): void {
  if (address.kind === 'unix') rmSync(address.path, { force: true })
}
