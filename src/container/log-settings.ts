import { messageOf } from '../base/errors.ts'
import { parseMemorySize } from '../base/size.ts'
import type { FileLogSettings, LogSettings, RemoteLogSettings } from '../runtime/runtime.ts'
import { cacheRules, jsonFileRules } from './log-files.ts'
import { type LogOptions, remoteDrivers } from './log-options.ts'
import { badLogOption, logTag } from './log-tag.ts'
import type { ContainerRecord } from './record.ts'

const defaultBufferBytes = 1 << 20

const openGroup = /unterminated group/i

/** @throws EngineError in Go's words where they are known */
function toExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch (cause) {
    const reason = openGroup.test(messageOf(cause)) ? 'missing closing ): ' : ''
    throw badLogOption(`error parsing regexp: ${reason}\`${pattern}\``)
  }
}

const pick = (keys: string | undefined, pattern: string | undefined, values: Readonly<Record<string, string>>) => {
  const wanted = new Set(keys?.split(','))
  const expression = pattern === undefined ? undefined : toExpression(pattern)
  const matches = (key: string) => wanted.has(key) || expression?.test(key)
  return Object.fromEntries(Object.entries(values).filter(([key]) => matches(key)))
}

/** Labels and variables that the user wants to see with each message. */
function attrsOf({ config }: ContainerRecord, options: LogOptions): Readonly<Record<string, string>> {
  const env = Object.fromEntries(
    (config.Env ?? []).map(entry => [entry.split('=', 1)[0]!, entry.slice(entry.indexOf('=') + 1)]),
  )
  return {
    ...pick(options.labels, options['labels-regex'], config.Labels ?? {}),
    ...pick(options.env, options['env-regex'], env),
  }
}

function jsonFile(record: ContainerRecord, options: LogOptions, path: string): FileLogSettings {
  const tag = options.tag === undefined ? {} : { tag: logTag(options.tag, record) }
  return {
    path,
    ...jsonFileRules(options),
    attrs: { ...attrsOf(record, options), ...tag },
  }
}

/** What `docker logs` reads where the driver itself keeps nothing here. */
function cache(options: LogOptions, path: string, prefix: '' | 'cache-'): FileLogSettings | undefined {
  if (options['cache-disabled'] === 'true') return undefined
  return { path, ...cacheRules(options, prefix) }
}

function remoteOf(
  record: ContainerRecord,
  driver: RemoteLogSettings['driver'],
  options: LogOptions,
): RemoteLogSettings {
  const { id, name, imageId, config, path, args, created } = record
  const buffer = options['max-buffer-size']
  return {
    driver,
    options,
    tag: logTag(options.tag ?? (driver === 'fluentd' ? 'docker.{{.ID}}' : '{{.ID}}'), record),
    attrs: attrsOf(record, options),
    container: { id, name, imageId, imageName: config.Image ?? '', command: [path, ...args].join(' '), created },
    ...(options.mode === 'non-blocking' && { bufferBytes: buffer ? parseMemorySize(buffer) : defaultBufferBytes }),
  }
}

/** How the supervisor keeps the container's output. */
export function logSettingsOf(
  record: ContainerRecord,
  paths: { readonly json: string; readonly cache: string },
): LogSettings {
  const { Type: driver = 'json-file', Config } = record.hostConfig.LogConfig ?? {}
  const options = Config ?? {}
  if (driver === 'none') return {}
  if (driver === 'local') return { file: cache(options, paths.cache, '') }
  const remote = remoteDrivers.find(name => name === driver)
  if (!remote) return { file: jsonFile(record, options, paths.json) }
  return { file: cache(options, paths.cache, 'cache-'), remote: remoteOf(record, remote, options) }
}

/** Whether the entries are in Docker's public file rather than in one of our own. */
export const keepsJsonFile = ({ hostConfig }: ContainerRecord): boolean =>
  (hostConfig.LogConfig?.Type || 'json-file') === 'json-file'

/** Whether there is anything here that `docker logs` can read. */
export function keepsLog({ hostConfig }: ContainerRecord): boolean {
  const { Type: driver = 'json-file', Config } = hostConfig.LogConfig ?? {}
  if (driver === 'none') return false
  return !(remoteDrivers.some(name => name === driver) && Config?.['cache-disabled'] === 'true')
}
