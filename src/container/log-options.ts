import { EngineError } from '../base/errors.ts'
import { parseMemorySize } from '../base/size.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'

export type LogOptions = Readonly<Record<string, string>>

export const remoteDrivers = ['syslog', 'journald', 'gelf', 'fluentd'] as const

const words = (text: string) => text.split(' ')
const delivery = words('mode max-buffer-size')
const cached = words('cache-disabled cache-max-size cache-max-file cache-compress')
const attributes = words('labels labels-regex env env-regex tag')
const files = words('max-file max-size compress')

/** Driver → options of its own. */
const known: Readonly<Record<string, readonly string[]>> = {
  none: [],
  'json-file': [...files, ...attributes],
  local: files,
  syslog: [
    ...attributes,
    ...words('syslog-address syslog-facility syslog-format'),
    ...words('syslog-tls-ca-cert syslog-tls-cert syslog-tls-key syslog-tls-skip-verify'),
  ],
  journald: attributes,
  gelf: [
    ...attributes,
    ...words(
      'gelf-address gelf-compression-type gelf-compression-level gelf-tcp-max-reconnect gelf-tcp-reconnect-delay',
    ),
  ],
  fluentd: [
    ...attributes,
    ...words('fluentd-address fluentd-async fluentd-async-reconnect-interval fluentd-buffer-limit fluentd-retry-wait'),
    ...words(
      'fluentd-max-retries fluentd-request-ack fluentd-sub-second-precision fluentd-write-timeout fluentd-read-timeout',
    ),
  ],
}

export const logDrivers: readonly string[] = Object.keys(known)

const invalid = (text: string) => new EngineError('invalid', text)

/**
 * Refuses what Docker refuses at create; values that are wrong show at start, as there.
 *
 * @throws EngineError with Docker's text for a driver or an option that is not known
 */
export function checkLogConfig(config: HostConfig['LogConfig']): void {
  const driver = config?.Type || 'json-file'
  const options = config?.Config ?? {}
  const own = known[driver]
  if (!own) {
    const name = JSON.stringify(driver)
    throw new EngineError('invalid', `error looking up logging plugin ${driver}: plugin ${name} not found`)
  }
  if (driver === 'none') return
  checkMode(options)
  for (const key of Object.keys(options)) {
    if (![...own, ...delivery, ...cached].includes(key))
      throw invalid(`unknown log opt '${key}' for ${driver === 'local' ? 'log driver local' : `${driver} log driver`}`)
  }
  checkAddresses(driver, options)
}

const facilities = words('kern user mail daemon auth syslog lpr news uucp cron authpriv ftp')

const schemeOf = (address: string): string | undefined => /^([^:/]*):\/\//.exec(address)?.[1]

function checkScheme(driver: string, options: LogOptions): void {
  const { 'fluentd-address': fluentd = '', 'syslog-address': syslog = '' } = options
  const scheme = schemeOf(fluentd)
  if (driver === 'fluentd' && scheme !== undefined && !['tcp', 'tls', 'unix'].includes(scheme))
    throw invalid(`invalid fluentd-address (${fluentd}): unsupported scheme: '${scheme}'`)
  const wanted = schemeOf(syslog) ?? ''
  if (driver === 'syslog' && syslog && !['udp', 'tcp', 'tcp+tls', 'unix', 'unixgram'].includes(wanted))
    throw invalid(`unsupported scheme: '${wanted}'`)
}

function checkAddresses(driver: string, options: LogOptions): void {
  const { 'gelf-address': gelf, 'fluentd-address': fluentd, 'syslog-facility': facility = '' } = options
  if (driver === 'gelf') {
    if (!gelf) throw invalid('gelf-address is a required parameter')
    if (!/^(tcp|udp):\/\//.test(gelf)) throw invalid('gelf: endpoint needs to be TCP or UDP')
  }
  checkScheme(driver, options)
  const port = driver === 'fluentd' && /^[\w.-]+:(.*)$/.exec(fluentd ?? '')?.[1]
  if (port && !/^\d+$/.test(port)) {
    const found = port.slice(port.lastIndexOf(':') + 1)
    throw invalid(`invalid fluentd-address (${fluentd}): parse "tcp://${fluentd}": invalid port ":${found}" after host`)
  }
  const isKnown = facilities.includes(facility) || /^(local[0-7]|\d|1\d|2[0-3]|)$/.test(facility)
  if (driver === 'syslog' && !isKnown) throw invalid('invalid syslog facility')
}

function checkMode(options: LogOptions): void {
  const { mode, 'max-buffer-size': size } = options
  if (mode !== undefined && !['', 'blocking', 'non-blocking'].includes(mode))
    throw invalid(`logger: logging mode not supported: ${mode}`)
  if (size === undefined) return
  if (mode !== 'non-blocking')
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'")
  if (parseMemorySize(size) === undefined)
    throw new EngineError('internal', `error parsing option max-buffer-size: invalid size: '${size}'`)
}
