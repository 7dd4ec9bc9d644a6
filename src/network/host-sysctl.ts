import { readFileSync, writeFileSync } from 'node:fs'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

const pathOf = (key: string): string => `/proc/sys/${key.replaceAll('.', '/')}`

/** Sets a sysctl of the calling thread's network namespace, unless it is so already; a refusal is logged. */
export function setSysctl(key: string, value: string, log: Log): void {
  try {
    if (readFileSync(pathOf(key), 'utf8').trim() !== value) writeFileSync(pathOf(key), value)
  } catch (error) {
    log.warn('cannot set sysctl', { key, value, error: messageOf(error) })
  }
}
