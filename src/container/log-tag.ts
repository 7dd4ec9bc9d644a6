import { hostname } from 'node:os'
import { EngineError } from '../base/errors.ts'
import type { ContainerRecord } from './record.ts'

/** Found at the start, as by Docker. */
export const badLogOption = (text: string): EngineError =>
  new EngineError('internal', `failed to create task for container: failed to initialize logging driver: ${text}`)

/** `--log-opt tag`, a template: https://docs.docker.com/engine/logging/log_tags/ */
export function logTag(template: string, { id, name, imageId, config, path, args }: ContainerRecord): string {
  const values: Readonly<Record<string, string>> = {
    ID: id.slice(0, 12),
    FullID: id,
    Name: name,
    ImageID: imageId.replace(/^sha256:/, '').slice(0, 12),
    ImageFullID: imageId,
    ImageName: config.Image ?? '',
    DaemonName: 'docker',
    Hostname: hostname(),
    Command: [path, ...args].join(' '),
  }
  return template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, key: string, at: number) => {
    const value = values[key]
    if (value !== undefined) return value
    const place = at + whole.indexOf('.')
    const problem = `executing "log-tag" at <.${key}>: can't evaluate field ${key} in type *logger.Info`
    throw badLogOption(`template: log-tag:1:${place}: ${problem}`)
  })
}
