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

/** The OCI runtimes of this host, fastest first. */
export function findRuntimes(path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'): readonly RuntimeBinary[] {
  return (['crun', 'runc'] as const).flatMap(kind => {
    const found = findProgram(kind, path)
    return found ? [{ kind, path: found, args: [] }] : []
  })
}
