import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { RuntimeBinary } from '../supervisor/protocol.ts'

function findProgram(name: string, path: string): string | undefined {
  return [...path.split(delimiter), '/usr/sbin', '/sbin']
    .filter(Boolean)
    .map(dir => join(dir, name))
    .find(file => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** Whether a runtime can save and restore containers; crun only when it was built for it. */
export const canCheckpoint = ({ kind, path }: RuntimeBinary): boolean =>
  kind === 'runc' || (kind === 'crun' && spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.includes('+CRIU'))

/** The OCI runtimes of this host, fastest first. */
export function findRuntimes(path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'): readonly RuntimeBinary[] {
  return (['crun', 'runc'] as const).flatMap(kind => {
    const found = findProgram(kind, path)
    return found ? [{ kind, path: found, args: [] }] : []
  })
}
