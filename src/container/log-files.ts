import { EngineError } from '../base/errors.ts'
import { parseDiskSize, parseMemorySize } from '../base/size.ts'
import type { LogOptions } from './log-options.ts'

/** How large files of a log get, and what becomes of full ones. */
export interface FileRules {
  /** bytes; undefined is without end */
  readonly maxSize: number | undefined
  readonly maxFiles: number
  readonly compress: boolean
}

// Bounded unless somebody says otherwise: a chatty container must not fill the disk.
const jsonDefaults = { bytes: 100 << 20, files: 3 }
const cacheDefaults = { bytes: 20 << 20, files: 5 }

const refused = (text: string) =>
  new EngineError('internal', `failed to create task for container: failed to initialize logging driver: ${text}`)

const wrongNumber = (text: string) => `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`

function toBool(text: string, prefix = ''): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false
  throw refused(`${prefix}strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

/** What `max-size`, `max-file` and `compress` say of json-file's own files; `-1` is without end, as Docker's manual has it. */
export function jsonFileRules({ 'max-size': size, 'max-file': files, compress }: LogOptions): FileRules {
  const maxSize = size === undefined ? jsonDefaults.bytes : size === '-1' ? undefined : parseDiskSize(size)
  if (maxSize === undefined && size !== '-1') throw refused(`invalid size: '${size}'`)
  if (maxSize === 0) throw refused('max-size must be a positive number')
  if (files !== undefined && !/^[+-]?\d+$/.test(files)) throw refused(wrongNumber(files))
  const maxFiles = files === undefined ? (size === undefined ? jsonDefaults.files : 1) : Number(files)
  if (maxFiles < 1) throw refused('max-file cannot be less than 1')
  const isCompressed = compress !== undefined && toBool(compress)
  if (isCompressed && (maxFiles < 2 || size === undefined))
    throw refused('compress cannot be true when max-file is less than 2 or max-size is not set')
  return { maxSize, maxFiles, compress: isCompressed }
}

/** The same for files of our own: those of `local`, and what `docker logs` reads where a driver keeps nothing here. */
export function cacheRules(options: LogOptions, prefix: '' | 'cache-'): FileRules {
  const of = (name: string) => options[`${prefix}${name}`]
  const [size, files, compress] = [of('max-size'), of('max-file'), of('compress')]
  const maxSize = size === undefined ? cacheDefaults.bytes : parseMemorySize(size)
  if (maxSize === undefined) throw refused(`invalid value for max-size: ${size}: invalid size: '${size}'`)
  if (files !== undefined && !/^[+-]?\d+$/.test(files))
    throw refused(`invalid value for max-file: ${files}: ${wrongNumber(files)}`)
  const maxFiles = files === undefined ? cacheDefaults.files : Number(files)
  const isCompressed = compress === undefined || toBool(compress, 'error reading compress log option: ')
  if (isCompressed && maxFiles < 2) throw refused('compression cannot be enabled when max file count is 1')
  return { maxSize: maxSize || cacheDefaults.bytes, maxFiles: Math.max(maxFiles, 1), compress: isCompressed }
}
