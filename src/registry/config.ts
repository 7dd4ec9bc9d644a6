import { readFileSync } from 'node:fs'
import { EngineError, messageOf } from '../base/errors.ts'

/** Settings of the registry, from its JSON file and flags. Times in seconds, sizes in bytes. */
export interface RegistryConfig {
  /** `host:port` */
  readonly addr: string
  /** directory of everything the registry keeps */
  readonly root: string
  /** file of `user:bcrypt` lines; without it everybody may do everything */
  readonly htpasswd?: string
  readonly anonymous: 'read' | 'none'
  /** without passwords the registry listens beyond the machine itself only when this is said */
  readonly open: boolean
  /** PEM files; with them the registry speaks TLS */
  readonly tlsCert?: string
  readonly tlsKey?: string
  /** regular expression; a tag that matches as a whole is set once and stays */
  readonly immutableTags?: string
  readonly uploadIdleSeconds: number
  readonly maxUploads: number
  readonly maxBlobBytes: number
  /** 0 turns collection off */
  readonly gcIntervalSeconds: number
  readonly gcGraceSeconds: number
  readonly gcUntagged: boolean
}

export const defaultConfig: RegistryConfig = {
  addr: '127.0.0.1:5000',
  root: '/var/lib/berth-registry',
  anonymous: 'none',
  open: false,
  uploadIdleSeconds: 3600,
  maxUploads: 1000,
  maxBlobBytes: 64 * 2 ** 30,
  gcIntervalSeconds: 3600,
  gcGraceSeconds: 24 * 3600,
  gcUntagged: false,
}

const types: Readonly<Record<keyof RegistryConfig, string>> = {
  ...(Object.fromEntries(Object.entries(defaultConfig).map(([key, value]) => [key, typeof value])) as Record<
    keyof RegistryConfig,
    string
  >),
  htpasswd: 'string',
  tlsCert: 'string',
  tlsKey: 'string',
  immutableTags: 'string',
}

/**
 * Checks settings and fills in defaults.
 *
 * @throws EngineError `invalid` naming the setting
 */
export function normalizeConfig(given: Readonly<Record<string, unknown>>): RegistryConfig {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(types, key)) throw new EngineError('invalid', `unknown setting ${JSON.stringify(key)}`)
    const type = types[key as keyof RegistryConfig]
    const isSound = type === 'number' ? Number.isFinite(value) && (value as number) >= 0 : typeof value === type
    if (!isSound) throw new EngineError('invalid', `setting ${JSON.stringify(key)} must be a ${type}`)
  }
  const config = { ...defaultConfig, ...given } as RegistryConfig
  if (config.anonymous !== 'read' && config.anonymous !== 'none')
    throw new EngineError('invalid', `setting "anonymous" must be "read" or "none"`)
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined))
    throw new EngineError('invalid', 'settings "tlsCert" and "tlsKey" need each other')
  const { host } = parseAddr(config.addr)
  if (!config.htpasswd && !config.open && !/^(127\.[\d.]+|::1|localhost)$/.test(host))
    throw new EngineError(
      'invalid',
      `refusing to listen on ${config.addr} without "htpasswd"; say "open": true to do so`,
    )
  return config
}

/**
 * Whether a tag is set once and stays.
 *
 * @throws EngineError `invalid` for an expression that is none
 */
export function toFixedTags({ immutableTags }: RegistryConfig): (tag: string) => boolean {
  if (immutableTags === undefined) return () => false
  try {
    const pattern = new RegExp(`^(?:${immutableTags})$`)
    return tag => pattern.test(tag)
  } catch (error) {
    throw new EngineError('invalid', `setting "immutableTags": ${messageOf(error)}`, { cause: error })
  }
}

export function parseAddr(addr: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(addr)
  if (!match || Number(match[3]) > 65535) throw new EngineError('invalid', `invalid address ${JSON.stringify(addr)}`)
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port: Number(match[3]) }
}

export function readConfig(path: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return { ...json }
  } catch (error) {
    throw new EngineError('invalid', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  }
  throw new EngineError('invalid', `${path} is not a JSON object`)
}
