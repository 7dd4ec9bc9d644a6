import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { EngineError, hasCode, messageOf } from '../../base/errors.ts'

/** Where a plugin listens. */
export interface PluginAddress {
  /** `unix:///path`, `tcp://host:port` or `https://host:port` */
  readonly url: string
  readonly tls?: {
    readonly InsecureSkipVerify?: boolean
    readonly CAFile?: string
    readonly CertFile?: string
    readonly KeyFile?: string
  }
}

export interface PluginDirs {
  readonly sockets: string
  readonly specs: readonly string[]
}

export const defaultPluginDirs: PluginDirs = {
  sockets: '/run/docker/plugins',
  specs: ['/etc/docker/plugins', '/usr/lib/docker/plugins'],
}

const namesIn = (dir: string, endings: readonly string[]): string[] => {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap(entry => {
      const ending = extname(entry.name)
      if (endings.includes(ending)) return [basename(entry.name, ending)]
      const inside = endings.some(text => existsSync(join(dir, entry.name, entry.name + text)))
      return inside ? [entry.name] : []
    })
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return []
    throw error
  }
}

/** Names of all plugins that may be there. */
export const pluginNames = ({ sockets, specs }: PluginDirs): readonly string[] =>
  [...new Set([...namesIn(sockets, ['.sock']), ...specs.flatMap(dir => namesIn(dir, ['.spec', '.json']))])].sort()

/**
 * Finds a plugin by name: a socket before files that say where it is. Undefined when there is none.
 * Spec: https://docs.docker.com/engine/extend/plugin_api/#plugin-discovery
 *
 * @throws EngineError when a file about it cannot be read
 */
export function findPlugin({ sockets, specs }: PluginDirs, name: string): PluginAddress | undefined {
  if (!/^[\w.:-]+$/.test(name) || name.startsWith('.')) return undefined
  for (const path of [join(sockets, `${name}.sock`), join(sockets, name, `${name}.sock`)])
    if (existsSync(path)) return { url: `unix://${path}` }
  for (const dir of specs)
    for (const base of [join(dir, name), join(dir, name, name)]) {
      if (existsSync(`${base}.spec`)) return fromSpec(`${base}.spec`)
      if (existsSync(`${base}.json`)) return fromJson(`${base}.json`)
    }
  return undefined
}

const fromSpec = (path: string): PluginAddress => ({ url: readFileSync(path, 'utf8').trim() })

function fromJson(path: string): PluginAddress {
  try {
    const { Addr, TLSConfig } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly Addr: string
      readonly TLSConfig?: NonNullable<PluginAddress['tls']>
    }
    return { url: Addr, ...(TLSConfig ? { tls: TLSConfig } : {}) }
  } catch (cause) {
    throw new EngineError('internal', `cannot read ${path}: ${messageOf(cause)}`, { cause })
  }
}
