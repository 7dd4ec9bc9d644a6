import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { messageOf } from '../base/errors.ts'

type Kind = 'string' | 'boolean' | 'list' | 'map' | 'number' | 'features' | 'maps'

interface Setting {
  /** of the flag; lists are plural in daemon.json */
  readonly flag: string
  readonly key: string
  readonly kind: Kind
  readonly short?: string
}

const setting = (flag: string, kind: Kind, key = flag, short?: string): Setting => ({
  flag,
  kind,
  key,
  ...(short && { short }),
})

/** What asks for parts that are not here: taken, so that Docker's own command lines and files work, and told in the log. */
const withoutEffect: readonly Setting[] = [
  setting('allow-direct-routing', 'boolean'),
  setting('containerd', 'string'),
  setting('containerd-namespace', 'string'),
  setting('containerd-plugins-namespace', 'string'),
  setting('cri-containerd', 'boolean'),
  setting('ip-forward-no-drop', 'boolean'),
  setting('network-control-plane-mtu', 'number'),
  setting('node-generic-resource', 'list', 'node-generic-resources'),
  setting('max-download-attempts', 'number'),
  setting('metrics-addr', 'string'),
  setting('raw-logs', 'boolean'),
  setting('selinux-enabled', 'boolean'),
  setting('swarm-default-advertise-addr', 'string'),
]

/** Keys that are set to no effect. */
export const ineffectiveKeys = (values: Values): readonly string[] =>
  withoutEffect.flatMap(({ key }) => (values[key] ? [key] : []))

/** Every setting, once: names are dockerd's. */
const settings: readonly Setting[] = [
  setting('data-root', 'string'),
  setting('exec-root', 'string'),
  setting('host', 'list', 'hosts', 'H'),
  setting('pidfile', 'string', 'pidfile', 'p'),
  setting('log-level', 'string', 'log-level', 'l'),
  setting('debug', 'boolean', 'debug', 'D'),
  setting('bridge', 'string', 'bridge', 'b'),
  setting('bip', 'string'),
  setting('fixed-cidr', 'string'),
  setting('default-gateway', 'string'),
  setting('default-address-pool', 'list', 'default-address-pools'),
  setting('mtu', 'number'),
  setting('icc', 'boolean'),
  setting('ip-masq', 'boolean'),
  setting('ip-forward', 'boolean'),
  setting('ip', 'string'),
  setting('dns', 'list'),
  setting('dns-search', 'list'),
  setting('dns-opt', 'list', 'dns-opts'),
  setting('host-gateway-ip', 'list', 'host-gateway-ips'),
  setting('insecure-registry', 'list', 'insecure-registries'),
  setting('registry-mirror', 'list', 'registry-mirrors'),
  setting('add-runtime', 'map', 'runtimes'),
  setting('default-runtime', 'string'),
  setting('log-driver', 'string'),
  setting('log-opt', 'map', 'log-opts'),
  setting('label', 'list', 'labels'),
  setting('default-shm-size', 'string'),
  setting('default-ulimit', 'map', 'default-ulimits'),
  setting('default-ipc-mode', 'string'),
  setting('default-cgroupns-mode', 'string'),
  setting('seccomp-profile', 'string'),
  setting('cgroup-parent', 'string'),
  setting('init', 'boolean'),
  setting('init-path', 'string'),
  setting('live-restore', 'boolean'),
  setting('no-new-privileges', 'boolean'),
  setting('userns-remap', 'string'),
  setting('cdi-spec-dir', 'list', 'cdi-spec-dirs'),
  setting('shutdown-timeout', 'number'),
  setting('max-concurrent-downloads', 'number'),
  setting('max-concurrent-uploads', 'number'),
  setting('http-proxy', 'string'),
  setting('https-proxy', 'string'),
  setting('no-proxy', 'string'),
  setting('group', 'string', 'group', 'G'),
  setting('tls', 'boolean'),
  setting('tlsverify', 'boolean'),
  setting('tlscacert', 'string'),
  setting('tlscert', 'string'),
  setting('tlskey', 'string'),
  setting('published-ports', 'string'),
  setting('userland-proxy', 'boolean'),
  setting('userland-proxy-path', 'string'),
  setting('iptables', 'boolean'),
  setting('ip6tables', 'boolean'),
  setting('storage-driver', 'string', 'storage-driver', 's'),
  setting('storage-opt', 'list', 'storage-opts'),
  setting('feature', 'features', 'features'),
  setting('experimental', 'boolean'),
  setting('bip6', 'string'),
  setting('fixed-cidr-v6', 'string'),
  setting('default-gateway-v6', 'string'),
  setting('ipv6', 'boolean'),
  setting('default-network-opt', 'maps', 'default-network-opts'),
  setting('log-format', 'string'),
  setting('exec-opt', 'list', 'exec-opts'),
  setting('authorization-plugin', 'list', 'authorization-plugins'),
  setting('cpu-rt-period', 'number'),
  setting('cpu-rt-runtime', 'number'),
  setting('rootless', 'boolean'),
  ...withoutEffect,
]

/** What only the file can say. */
const fileOnly: ReadonlySet<string> = new Set(['builder', 'proxies', 'registry'])

export type Values = Readonly<Record<string, unknown>>

/** One clear line for whoever started the engine wrongly. */
export class ConfigError extends Error {}

function parseFeature(flag: string, text: string): readonly [string, boolean] {
  const [, name = '', value = 'true'] = /^([^=]*)(?:=(.*))?$/.exec(text) ?? []
  if (/^(1|t|true)$/i.test(value)) return [name, true]
  if (/^(0|f|false)$/i.test(value)) return [name, false]
  throw new ConfigError(
    `invalid argument "${text}" for "--${flag}" flag: strconv.ParseBool: parsing "${value}": invalid syntax`,
  )
}

/** `bridge=com.docker.network.driver.mtu=1400`: options by driver. */
function parseMaps(flag: string, texts: readonly string[]): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const maps: Record<string, Record<string, string>> = {}
  for (const text of texts) {
    const [, root, key, value] = /^([^=]*)=([^=]*)=(.*)$/.exec(text) ?? []
    if (root === undefined)
      throw new ConfigError(
        `invalid argument "${text}" for "--${flag}" flag: invalid value "${text}" for map option, should be root-key=key=value`,
      )
    maps[root] = { ...maps[root], [key!]: value! }
  }
  return maps
}

function parseValue({ flag, kind }: Setting, texts: readonly string[]): unknown {
  const last = texts.at(-1)!
  switch (kind) {
    case 'boolean':
      if (!/^(true|false|1|0|)$/.test(last)) throw new ConfigError(`invalid argument "${last}" for "--${flag}"`)
      return last !== 'false' && last !== '0'
    case 'number':
      if (!/^-?\d+$/.test(last))
        throw new ConfigError(
          `invalid argument "${last}" for "--${flag}" flag: strconv.ParseInt: parsing "${last}": invalid syntax`,
        )
      return Number(last)
    case 'list':
      return texts
    case 'map':
      return Object.fromEntries(texts.map(text => [text.split('=', 1)[0]!, text.slice(text.indexOf('=') + 1)]))
    case 'features':
      return Object.fromEntries(texts.map(text => parseFeature(flag, text)))
    case 'maps':
      return parseMaps(flag, texts)
    case 'string':
      return last
  }
}

/** A number below zero is no flag of its own. */
const joinNegative = (argv: readonly string[]): readonly string[] =>
  argv.flatMap((arg, i) => {
    if (/^-\d+$/.test(arg) && argv[i - 1]?.startsWith('--')) return []
    return /^--[^=]+$/.test(arg) && /^-\d+$/.test(argv[i + 1] ?? '') ? [`${arg}=${argv[i + 1]}`] : [arg]
  })

/** Flags may say `--debug`, `--debug=false`, `-H x`, repeat, and come in any order. */
function parseFlags(argv: readonly string[]): {
  readonly values: Values
  readonly configFile: string | undefined
  readonly validate: boolean
  readonly shows: Config['shows']
} {
  const isBoolean = new Set(settings.filter(({ kind }) => kind === 'boolean').map(({ flag }) => flag))
  const args = joinNegative(argv).map(arg => {
    const match = /^--([\w-]+)=(true|false|1|0)$/.exec(arg)
    return match && isBoolean.has(match[1]!)
      ? match[2] === 'true' || match[2] === '1'
        ? `--${match[1]}`
        : `--no-${match[1]}`
      : arg
  })
  const options = Object.fromEntries(
    settings.map(({ flag, kind, short }) => [
      flag,
      kind === 'boolean'
        ? { type: 'boolean' as const, ...(short && { short }) }
        : { type: 'string' as const, multiple: true, ...(short && { short }) },
    ]),
  )
  try {
    const parsed = parseArgs({
      args,
      options: {
        ...options,
        'config-file': { type: 'string' },
        validate: { type: 'boolean' },
        help: { type: 'boolean' },
        version: { type: 'boolean', short: 'v' },
      },
      allowNegative: true,
      strict: true,
      allowPositionals: false,
    })
    const given = parsed.values as Record<string, string[] | boolean | string | undefined>
    const values = Object.fromEntries(
      settings.flatMap(entry => {
        const value = given[entry.flag]
        if (value === undefined) return []
        return [[entry.key, typeof value === 'boolean' ? value : parseValue(entry, value as string[])]]
      }),
    )
    return {
      values,
      configFile: given['config-file'] as string | undefined,
      validate: Boolean(given.validate),
      shows: given.help ? 'help' : given.version ? 'version' : undefined,
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(
      messageOf(error)
        .split('\n')[0]!
        .replace(/\. To specify.*$/, ''),
    )
  }
}

function readConfigFile(path: string | undefined): Values {
  const file = path ?? '/etc/docker/daemon.json'
  let text: string
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '')
  } catch (error) {
    if (path === undefined) return {}
    throw new ConfigError(`unable to configure the Berth daemon with file ${file}: ${messageOf(error)}`)
  }
  let values: Values
  try {
    values = text.trim() === '' ? {} : (JSON.parse(text) as Values)
  } catch (error) {
    throw new ConfigError(`unable to configure the Berth daemon with file ${file}: ${messageOf(error)}`)
  }
  const unknown = Object.keys(values).filter(key => !fileOnly.has(key) && !settings.some(entry => entry.key === key))
  if (unknown.length) {
    throw new ConfigError(
      `unable to configure the Berth daemon with file ${file}: the following directives don't match any configuration option: ${unknown.join(', ')}`,
    )
  }
  return values
}

export interface Config {
  readonly values: Values
  readonly configFile: string | undefined
  /** only check the settings and leave */
  readonly validate: boolean
  /** only say this and leave */
  readonly shows: 'help' | 'version' | undefined
}

/** One line for each flag. */
export const helpText = (): string => {
  const lines = settings.map(({ flag, kind, short }) => {
    const type = { features: 'map', maps: 'mapmap', number: 'int', boolean: '' }[kind as string] ?? kind
    return `  ${short ? `-${short}, ` : '    '}--${flag} ${type}`.trimEnd()
  })
  const others = ['      --config-file string', '      --help', '      --validate', '  -v, --version']
  const all = [...lines, ...others].sort((a, b) => (a.slice(6) < b.slice(6) ? -1 : 1))
  return `Usage: berthd [OPTIONS]\n\nOptions, as dockerd has them (docs/differences.md):\n${all.join('\n')}\n`
}

/**
 * Flags and daemon.json together.
 *
 * @throws ConfigError for what is unknown, or given twice
 */
export function loadConfig(argv: readonly string[]): Config {
  const { values: flags, configFile, validate, shows } = parseFlags(argv)
  if (shows) return { values: flags, configFile, validate, shows }
  const file = readConfigFile(configFile)
  const doubled = Object.keys(flags).filter(key => key in file)
  if (doubled.length) {
    const list = doubled.map(key => `${key}: (from flag: ${flags[key]}, from file: ${file[key]})`).join(', ')
    throw new ConfigError(
      `the following directives are specified both as a flag and in the configuration file: ${list}`,
    )
  }
  return { values: Object.freeze({ ...file, ...flags }), configFile, validate, shows }
}

export const stringValue = (values: Values, key: string, fallback: string): string =>
  (values[key] as string | undefined) || fallback
export const listValue = (values: Values, key: string): readonly string[] =>
  (values[key] as readonly string[] | undefined) ?? []
export const boolValue = (values: Values, key: string, fallback: boolean): boolean =>
  (values[key] as boolean | undefined) ?? fallback
export const mapValue = (values: Values, key: string): Readonly<Record<string, string>> =>
  (values[key] as Readonly<Record<string, string>> | undefined) ?? {}
