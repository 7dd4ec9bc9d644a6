import { readFileSync } from 'node:fs'
import { EngineError, messageOf } from '../base/errors.ts'
import type { S3Settings } from '../content/s3-objects.ts'
import type { Quota } from './quotas.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Retention } from './retention.ts'
import { checkRules, type Rule } from './rules.ts'
import type { Upstream } from './upstreams.ts'
import type { Webhook } from './webhooks.ts'

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
  /** tokens besides passwords: `/token` gives them */
  readonly tokens: boolean
  /** address of `/token` as clients see it, such as `https://registry.example/token`; default from the request */
  readonly tokenRealm?: string
  /** file of robot accounts, which `berth-registry robot` writes */
  readonly robots?: string
  /** who may do what; without it every user everything */
  readonly rules?: readonly Rule[]
  readonly quotas?: readonly Quota[]
  /** for each address */
  readonly rateLimit?: RateLimit
  /** file of JSON lines: every change and every refusal */
  readonly auditLog?: string
  readonly auditReads: boolean
  /** keeps blobs as objects; everything else stays below `root` */
  readonly s3?: S3Settings & {
    /** other registries work on the same bucket */
    readonly shared?: boolean
  }
  readonly webhooks?: readonly Webhook[]
  readonly upstreams?: readonly Upstream[]
  readonly retention?: readonly Retention[]
  /** copies of other registries that nobody asked for go after so many days */
  readonly copyDays: number
  /** every blob is read and hashed so often; 0 turns it off */
  readonly scrubIntervalSeconds: number
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
  tokens: false,
  auditReads: false,
  copyDays: 30,
  scrubIntervalSeconds: 7 * 24 * 3600,
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
  tokenRealm: 'string',
  robots: 'string',
  auditLog: 'string',
  rules: 'list',
  quotas: 'list',
  rateLimit: 'object',
  s3: 'object',
  webhooks: 'list',
  upstreams: 'list',
  retention: 'list',
}

/** What each entry of a list, or an object, must have: name → type; those with `?` may be missing. */
const shapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  quotas: { repositories: 'string', bytes: 'number' },
  rateLimit: { perSecond: 'number', burst: 'number' },
  s3: { bucket: 'string', prefix: 'string?', endpoint: 'string?', region: 'string?', shared: 'boolean?' },
  webhooks: { url: 'string', secret: 'string?', repositories: 'string?' },
  upstreams: {
    prefix: 'string',
    registry: 'string',
    username: 'string?',
    passwordFile: 'string?',
    insecure: 'boolean?',
    ttlSeconds: 'number?',
  },
  retention: { repositories: 'string', keepTags: 'number?', keepDays: 'number?', except: 'string?' },
}

function checkShape(key: string, value: unknown): void {
  const shape = shapes[key]
  if (!shape) return
  for (const each of Array.isArray(value) ? value : [value]) {
    for (const [name, type] of Object.entries(shape)) {
      const found: unknown = each?.[name]
      if ((found === undefined && type.endsWith('?')) || typeof found === type.replace('?', '')) continue
      throw new EngineError('invalid', `setting "${key}": "${name}" must be a ${type.replace('?', '')}`)
    }
    const unknown = Object.keys(each).find(name => !Object.hasOwn(shape, name))
    if (unknown !== undefined) throw new EngineError('invalid', `setting "${key}": unknown ${JSON.stringify(unknown)}`)
  }
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
    const isNumber = Number.isFinite(value) && (value as number) >= 0
    const isSound = type === 'number' ? isNumber : type === 'list' ? Array.isArray(value) : typeof value === type
    if (!isSound) throw new EngineError('invalid', `setting ${JSON.stringify(key)} must be a ${type}`)
    checkShape(key, value)
  }
  if (given.rules) checkRules(given.rules as readonly unknown[])
  for (const { except } of (given.retention ?? []) as readonly Retention[]) toPattern('retention', except ?? '')
  const config = { ...defaultConfig, ...given } as RegistryConfig
  if (config.anonymous !== 'read' && config.anonymous !== 'none')
    throw new EngineError('invalid', `setting "anonymous" must be "read" or "none"`)
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined))
    throw new EngineError('invalid', 'settings "tlsCert" and "tlsKey" need each other')
  const { host } = parseAddr(config.addr)
  if (!config.htpasswd && !config.robots && !config.open && !/^(127\.[\d.]+|::1|localhost)$/.test(host))
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
  const pattern = toPattern('immutableTags', immutableTags)
  return tag => pattern.test(tag)
}

function toPattern(setting: string, text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`)
  } catch (error) {
    throw new EngineError('invalid', `setting "${setting}": ${messageOf(error)}`, { cause: error })
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
