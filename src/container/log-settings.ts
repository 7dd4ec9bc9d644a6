import { EngineError } from '../base/errors.ts'
import { parseMemorySize } from '../base/size.ts'
import type { LogSettings } from '../runtime/runtime.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import type { ContainerRecord } from './record.ts'

// Bounded unless somebody says otherwise: a chatty container must not fill the disk.
const defaultMaxBytes = 100 << 20
const defaultFiles = 3

function attrsOf(
  { config }: ContainerRecord,
  options: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const pick = (keys: string | undefined, values: Readonly<Record<string, string>>) =>
    Object.fromEntries((keys?.split(',') ?? []).flatMap(key => (values[key] === undefined ? [] : [[key, values[key]]])))
  const env = Object.fromEntries(
    (config.Env ?? []).map(entry => [entry.split('=', 1)[0]!, entry.slice(entry.indexOf('=') + 1)]),
  )
  return { ...pick(options.labels, config.Labels ?? {}), ...pick(options.env, env) }
}

const common = ['mode', 'max-buffer-size']
const dual = ['cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress']
const attributes = ['labels', 'labels-regex', 'env', 'env-regex', 'tag']
const options: Readonly<Record<string, readonly string[]>> = {
  none: [],
  'json-file': ['max-file', 'max-size', 'compress', ...attributes],
  local: ['max-file', 'max-size', 'compress'],
}

/** @throws EngineError with Docker's text for a driver or an option that is not known */
export function checkLogConfig(config: HostConfig['LogConfig']): void {
  const driver = config?.Type || 'json-file'
  const known = options[driver]
  if (!known)
    throw new EngineError(
      'internal',
      `error looking up logging plugin ${driver}: plugin ${JSON.stringify(driver)} not found`,
    )
  if (driver === 'none') return
  for (const key of Object.keys(config?.Config ?? {})) {
    if (![...known, ...common, ...dual].includes(key))
      throw new EngineError('invalid', `unknown log opt '${key}' for ${driver} log driver`)
  }
}

/** How the supervisor keeps the container's output. */
export function logSettingsOf(record: ContainerRecord, path: string): LogSettings {
  const { Type: driver, Config } = record.hostConfig.LogConfig ?? {}
  const options = Config ?? {}
  if (driver === 'none') return { driver: 'none', path }
  const size = options['max-size']
  return {
    driver: 'json-file',
    path,
    maxSize: size === undefined ? defaultMaxBytes : size === '-1' ? undefined : parseMemorySize(size),
    maxFiles: options['max-file'] ? Number(options['max-file']) : size === undefined ? defaultFiles : 1,
    attrs: attrsOf(record, options),
  }
}
