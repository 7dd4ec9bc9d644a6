import { parseMemorySize } from '../../base/size.ts'
import { ExitError } from '../errors.ts'
import { cut } from './csv.ts'

export interface DeviceMapping {
  readonly PathOnHost: string
  readonly PathInContainer: string
  readonly CgroupPermissions: string
}

const isMode = (text: string): boolean => /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length

/** `vendor.com/class=name`: a device that the engine finds by a CDI file. */
export const isCdiName = (text: string): boolean =>
  /^[a-zA-Z][\w.-]*\/[a-zA-Z][\w.-]*=[\w][\w.:-]*$/.test(text) && !text.startsWith('/')

/** `/dev/a:/dev/b:rwm`. */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(':')
  if (parts.length > 3) throw new ExitError(125, `bad format for path: ${text}`)
  const [PathOnHost = '', second = '', third] = parts
  const hasMode = parts.length === 2 && isMode(second)
  const PathInContainer = hasMode || !second ? PathOnHost : second
  if (parts.length === 3 && !isMode(third!)) throw new ExitError(125, `bad mode specified: ${third}`)
  if (!PathInContainer.startsWith('/')) throw new ExitError(125, `${PathInContainer} is not an absolute path`)
  return { PathOnHost, PathInContainer, CgroupPermissions: hasMode ? second : (third ?? 'rwm') }
}

export const weightOf = (text: string): { readonly Path: string; readonly Weight: number } => ({
  Path: cut(text, ':')[0],
  Weight: Number(cut(text, ':')[1]),
})

export const rateOf = (text: string): { readonly Path: string; readonly Rate: number } => ({
  Path: cut(text, ':')[0],
  Rate: parseMemorySize(cut(text, ':')[1] ?? '') ?? 0,
})
