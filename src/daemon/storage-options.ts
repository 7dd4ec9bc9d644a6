import { parseMemorySize } from '../base/size.ts'
import { ConfigError } from './config.ts'

const failed = (text: string) => new ConfigError(`error initializing graphdriver: ${text}`)

/**
 * Bytes that a container may write when it does not say, from `storage-opts`; 0 is no limit.
 *
 * @param canLimit whether the file system can hold anybody to it
 * @throws ConfigError with Docker's text for options that overlay2 does not have
 */
export function defaultSizeOf(options: readonly string[], canLimit: boolean): number {
  let bytes = 0
  for (const option of options) {
    const [, key, value] = /^([^=]*)=(.*)$/.exec(option) ?? []
    if (key === undefined) throw failed(`unable to parse storage-opt key/value: ${option}`)
    if (key.toLowerCase() !== 'overlay2.size') throw failed(`overlay2: unknown option ${key}`)
    const size = parseMemorySize(value!)
    if (size === undefined) throw failed(`invalid size: '${value}'`)
    bytes = size
  }
  if (bytes > 0 && !canLimit)
    throw failed('Storage option overlay2.size not supported. Filesystem does not support Project Quota')
  return bytes
}
