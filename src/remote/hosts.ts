import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'smol-toml'
import { EngineError, messageOf } from '../base/errors.ts'

export interface HostTls {
  readonly skipVerify: boolean
  readonly certificates: {
    readonly ca?: string[]
    readonly cert?: string[]
    readonly key?: string[]
  }
}

export interface Host {
  readonly base: string
  readonly canPush: boolean
  readonly tls: HostTls
}

export interface Hosts {
  /** asked in this order, before the registry itself */
  readonly hosts: readonly Host[]
  /** instead of the registry itself */
  readonly server: string | undefined
}

interface HostTable {
  readonly capabilities?: readonly string[]
  readonly ca?: string | readonly string[]
  readonly client?: string | readonly (string | readonly string[])[]
  readonly skip_verify?: boolean
}

/**
 * `<dir>/<host>/hosts.toml`, or `_default` for every host; undefined when there is none.
 * Spec: https://github.com/containerd/containerd/blob/main/docs/hosts.md
 *
 * @throws EngineError `invalid` naming the file
 */
export function readHosts(host: string, dirs: readonly string[]): Hosts | undefined {
  const folders = [host, '_default'].flatMap(name => dirs.map(dir => join(dir, name)))
  const folder = folders.find(each => existsSync(join(each, 'hosts.toml')))
  if (folder === undefined) return undefined
  try {
    return parseHosts(readFileSync(join(folder, 'hosts.toml'), 'utf8'), folder)
  } catch (error) {
    throw new EngineError('invalid', `${join(folder, 'hosts.toml')}: ${messageOf(error)}`, { cause: error })
  }
}

/** @param folder where relative paths start */
export function parseHosts(text: string, folder: string): Hosts {
  const { server, host = {} } = parse(text) as { server?: string; host?: Record<string, HostTable> }
  const hosts = Object.entries(host).map(([base, table]) => ({
    base: toBase(base),
    canPush: table.capabilities?.includes('push') ?? true,
    tls: toTls(table, folder),
  }))
  return { hosts, server: server === undefined ? undefined : toBase(server) }
}

function toBase(text: string): string {
  const url = new URL(/^https?:\/\//.test(text) ? text : `https://${text}`)
  return `${url.origin}${url.pathname}`.replace(/\/+(v2\/*)?$/, '')
}

function toTls({ ca, client, skip_verify }: HostTable, folder: string): HostTls {
  const read = (path: string) => readFileSync(resolve(folder, path), 'utf8')
  const pairs = client === undefined ? [] : typeof client === 'string' ? [client] : client
  const cert = pairs.map(pair => read(typeof pair === 'string' ? pair : pair[0]!))
  const key = pairs.map(pair => read(typeof pair === 'string' ? pair : (pair[1] ?? pair[0]!)))
  const list = ca === undefined ? [] : [ca].flat().map(read)
  const certificates = { ...(list.length ? { ca: list } : {}), ...(cert.length ? { cert, key } : {}) }
  return { skipVerify: skip_verify === true, certificates }
}
