import { EngineError } from '../base/errors.ts'
import { parseMemorySize } from '../base/size.ts'
import type { VolumeOptions } from './driver.ts'

/** What else an option wants to be given. */
const needs: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
  size: [],
  uid: [],
  gid: [],
  mode: [],
}

/** options of our own, for volumes whose files are the engine's */
const ownOptions = ['uid', 'gid', 'mode', 'size'] as const

/** an ext4 smaller than this has no room for anything */
const leastSize = 1 << 20

/** Whose the directory of a volume is; undefined leaves it to the image's files or root. */
export interface Owner {
  readonly uid: number | undefined
  readonly gid: number | undefined
  readonly mode: number | undefined
}

const number = (text: string | undefined, base: number): number | undefined =>
  text === undefined ? undefined : Number.parseInt(text, base)

export const ownerOf = (options: VolumeOptions | null | undefined): Owner => ({
  uid: number(options?.uid, 10),
  gid: number(options?.gid, 10),
  mode: number(options?.mode, 8),
})

/** Bytes that the volume may hold; undefined when nobody set a limit. */
export const sizeLimitOf = (options: VolumeOptions | null | undefined): number | undefined =>
  options?.size ? parseMemorySize(options.size) : undefined

/** Whether the files come from elsewhere, by mount(2). */
export const isDevice = (options: VolumeOptions | null | undefined): boolean => Boolean(options?.device)

/** Whether something is mounted at the volume's directory while it is in use. */
export const isMountedOnUse = (options: VolumeOptions | null | undefined): boolean =>
  isDevice(options) || Boolean(options?.size)

/** @throws EngineError `invalid`, Docker's texts where Docker has the option */
export function checkOptions(options: VolumeOptions): void {
  const refuse = (why: string) => new EngineError('invalid', why)
  for (const key of Object.keys(options)) if (!(key in needs)) throw refuse(`invalid option: "${key}"`)
  for (const key of Object.keys(options))
    for (const needed of needs[key]!) if (!options[needed]) throw refuse(`missing required option: "${needed}"`)
  for (const key of ownOptions)
    if (options[key] && options.device) throw refuse(`option "${key}" does not go with "device": say it in "o"`)
  for (const key of ['uid', 'gid'] as const)
    if (options[key] !== undefined && !(/^\d{1,10}$/.test(options[key]) && Number(options[key]) < 2 ** 32 - 1))
      throw refuse(`option "${key}" must be a number below 4294967295, not "${options[key]}"`)
  if (options.mode !== undefined && !/^[0-7]{3,4}$/.test(options.mode))
    throw refuse(`option "mode" must be an octal number, not "${options.mode}"`)
  if (options.size !== undefined && (sizeLimitOf(options) ?? 0) < leastSize)
    throw refuse(`option "size" must be a number of bytes of at least 1m, not "${options.size}"`)
}
