import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode, messageOf } from '../base/errors.ts'
import type { EngineEndpoint } from '../spec/engine-api/connection.ts'
import { ExitError } from './errors.ts'

/** `config.json` as Docker writes it; keys that are unknown here are kept. */
export interface ConfigFile {
  readonly auths?: Readonly<Record<string, StoredAuth>>
  readonly credsStore?: string
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly HttpHeaders?: Readonly<Record<string, string>>
  readonly proxies?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly detachKeys?: string
  readonly currentContext?: string
  readonly cliPluginsExtraDirs?: readonly string[]
  readonly aliases?: Readonly<Record<string, string>>
  readonly pruneFilters?: readonly string[]
  readonly [format: string]: unknown
}

export interface StoredAuth {
  readonly auth?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
  /** extension: the secret, sealed with a key that the host keeps */
  readonly sealed?: string
}

export interface GlobalOptions {
  readonly config?: string
  readonly context?: string
  readonly host?: string
  readonly debug: boolean
  readonly logLevel?: string
  readonly tls: boolean
  readonly tlsVerify?: boolean
  readonly tlsCaCert?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
}

export interface ContextMeta {
  readonly Name: string
  readonly Metadata: { readonly Description?: string; readonly [key: string]: unknown }
  readonly Endpoints: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } }
}

const dockerSocket = '/var/run/docker.sock'
const ownSocket = '/run/berth/berth.sock'

/** Docker's socket; ours where there is none of Docker's. */
const defaultHost = (): string =>
  `unix://${!existsSync(dockerSocket) && existsSync(ownSocket) ? ownSocket : dockerSocket}`
const quietRead = (path: string): Uint8Array | undefined => (existsSync(path) ? readFileSync(path) : undefined)

/** A file that has to be there; what Go would say when it cannot be read. */
function goRead(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const why = hasCode(error, 'ENOENT') ? 'no such file or directory' : messageOf(error)
    throw new ExitError(1, `open ${path}: ${why}`)
  }
}

/** `host[:port]` and the like as a URL the client can dial. */
export function normalizeHost(text: string, isTls: boolean): string {
  const value = text.trim()
  if (value === '') return isTls ? 'tcp://localhost:2376' : defaultHost()
  if (value === 'fd://' || value === 'unix://') return defaultHost()
  if (!value.includes('://')) return `tcp://${value.startsWith(':') ? `localhost${value}` : value}`
  const scheme = value.slice(0, value.indexOf('://'))
  if (!['unix', 'tcp', 'ssh', 'http', 'https', 'fd', 'npipe'].includes(scheme))
    throw new ExitError(1, `invalid bind address format: ${value}`)
  return value
}

/** Environment, `config.json` and contexts: the one place of the client that reads them. */
export class Config {
  readonly dir: string
  readonly globals: GlobalOptions
  readonly #env: NodeJS.ProcessEnv
  #file: ConfigFile | undefined
  readonly #warn: (line: string) => void

  constructor(globals: GlobalOptions, env: NodeJS.ProcessEnv, warn: (line: string) => void) {
    this.globals = globals
    this.#env = env
    this.#warn = warn
    this.dir = globals.config ?? this.env('DOCKER_CONFIG') ?? join(env.HOME ?? '/', '.docker')
  }

  /** The variable, undefined when unset or empty. */
  env(name: string): string | undefined {
    return this.#env[name] || undefined
  }

  /** The whole environment, for what is started. */
  get environment(): NodeJS.ProcessEnv {
    return this.#env
  }

  get file(): ConfigFile {
    this.#file ??= this.#load()
    return this.#file
  }

  #load(): ConfigFile {
    const path = join(this.dir, 'config.json')
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as ConfigFile
    } catch (error) {
      if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR'))
        this.#warn(`WARNING: Error loading config file: ${path}: ${messageOf(error)}`)
      return {}
    }
  }

  /** Writes `config.json` anew, readable by its owner only. */
  save(file: ConfigFile): void {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 })
    const path = join(this.dir, 'config.json')
    const temporary = `${path}.${process.pid}`
    writeFileSync(temporary, JSON.stringify(file, null, '\t'), { mode: 0o600 })
    renameSync(temporary, path)
    this.#file = file
  }

  get contextName(): string {
    const { context, host } = this.globals
    if (context) return context
    if (host !== undefined || this.env('DOCKER_HOST')) return 'default'
    return this.env('DOCKER_CONTEXT') ?? this.file.currentContext ?? 'default'
  }

  contextDir(kind: 'meta' | 'tls', name: string): string {
    // loaded here: most commands need no context, and this module takes longer to load than they take
    const { createHash } = process.getBuiltinModule('node:crypto')
    return join(this.dir, 'contexts', kind, createHash('sha256').update(name).digest('hex'))
  }

  readContext(name: string): ContextMeta {
    try {
      return JSON.parse(readFileSync(join(this.contextDir('meta', name), 'meta.json'), 'utf8')) as ContextMeta
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
      throw new ExitError(
        1,
        `context ${JSON.stringify(name)}: context not found: open ${join(this.contextDir('meta', name), 'meta.json')}: no such file or directory`,
      )
    }
  }

  get #isTls(): boolean {
    const { tls, tlsVerify } = this.globals
    return (
      tls || tlsVerify === true || this.env('DOCKER_TLS') !== undefined || this.env('DOCKER_TLS_VERIFY') !== undefined
    )
  }

  /** What `default` means now. */
  get defaultEndpointHost(): string {
    return normalizeHost(this.globals.host ?? this.env('DOCKER_HOST') ?? '', this.#isTls)
  }

  #defaultTls(): EngineEndpoint['tls'] {
    if (!this.#isTls) return undefined
    const dir = this.env('DOCKER_CERT_PATH') ?? this.dir
    const { tls, tlsCaCert, tlsCert, tlsKey, tlsVerify } = this.globals
    const isGiven = tls || tlsVerify !== undefined
    const read = (given: string | undefined, name: string) => {
      const path = given ?? join(dir, name)
      return given !== undefined || (isGiven && name === 'ca.pem') ? goRead(path) : quietRead(path)
    }
    return {
      ca: read(tlsCaCert, 'ca.pem'),
      cert: read(tlsCert, 'cert.pem'),
      key: read(tlsKey, 'key.pem'),
      verify: tlsVerify ?? this.env('DOCKER_TLS_VERIFY') !== undefined,
    }
  }

  #contextTls(name: string, skipVerify: boolean): EngineEndpoint['tls'] {
    const dir = join(this.contextDir('tls', name), 'docker')
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map(file => quietRead(join(dir, file)))
    return ca || cert || key || skipVerify ? { ca, cert, key, verify: !skipVerify } : undefined
  }

  #headers(): Record<string, string> {
    const custom = this.env('DOCKER_CUSTOM_HEADERS')
    const pairs = custom?.split(',').map(pair => pair.split('=', 2) as [string, string]) ?? []
    return { ...this.file.HttpHeaders, ...Object.fromEntries(pairs) }
  }

  /** Where the engine is, by flags, environment and contexts, in Docker's order. */
  get endpoint(): EngineEndpoint {
    const { context, host } = this.globals
    if (context && host !== undefined)
      throw new ExitError(1, 'conflicting options: cannot specify both --host and --context')
    const common = { headers: this.#headers(), apiVersion: this.env('DOCKER_API_VERSION')?.replace(/^v/, '') }
    const name = this.contextName
    if (name === 'default') {
      const tls = this.#defaultTls()
      return { host: this.defaultEndpointHost, ...(tls ? { tls } : {}), ...common }
    }
    const docker = this.readContext(name).Endpoints.docker ?? {}
    const tls = this.#contextTls(name, docker.SkipTLSVerify === true)
    return { host: normalizeHost(docker.Host ?? '', tls !== undefined), ...(tls ? { tls } : {}), ...common }
  }
}
