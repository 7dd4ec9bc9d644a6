import { hostname } from 'node:os'
import type { ContainerRecord } from './record.ts'

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
  return template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, key: string) => values[key] ?? whole)
}
