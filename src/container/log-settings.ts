import { parseMemorySize } from '../base/size.ts'
import type { FileLogSettings, LogSettings, RemoteLogSettings } from '../runtime/runtime.ts'
import { cacheRules, jsonFileRules } from './log-files.ts'
import { type LogOptions, remoteDrivers } from './log-options.ts'
import { logTag } from './log-tag.ts'
import type { ContainerRecord } from './record.ts'

const defaultBufferBytes = 1 << 20

const pick = (keys: string | undefined, pattern: string | undefined, values: Readonly<Record<string, string>>) => {
  const wanted = new Set(keys?.split(','))
  const matches = (key: string) => wanted.has(key) || (pattern !== undefined && new RegExp(pattern).test(key))
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
