import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { EngineError, hasCode, messageOf } from '../base/errors.ts'
import { mountWith, splitOptions } from '../kernel/mount.ts'
import type { VolumeOptions } from './driver.ts'

/** Mounts what `type`, `device` and `o` name, as mount(2) takes it. @throws EngineError with Docker's text */
export async function mountDevice(options: VolumeOptions, target: string): Promise<void> {
  const failure = (why: string, cause: unknown) =>
    new EngineError('internal', `error while mounting volume '${target}': ${why}`, { cause })
  const {
    type = '',
    device,
    words,
  } = await withAddress(options).catch(cause => {
    throw failure(`error resolving passed in network volume address: ${messageOf(cause)}`, cause)
  })
  try {
    mountWith(words.includes('bind') || words.includes('rbind') ? '' : type, device, target, words)
  } catch (cause) {
    throw failure(`failed to mount local volume: mount ${device}:${target}${howOf(words)}: ${reason(cause)}`, cause)
  }
}

/** The kernel wants NFS and CIFS servers as numbers. */
async function withAddress({ type, device = '', o = '' }: VolumeOptions) {
  const words = o.split(',').filter(Boolean)
  if (type !== 'nfs' && type !== 'nfs4' && type !== 'cifs') return { type, device, words }
  const named = words.find(word => word.startsWith('addr='))?.slice('addr='.length)
  if (named && !isIP(named)) {
    const { address } = await lookup(named)
    return { type, device, words: words.map(word => (word === `addr=${named}` ? `addr=${address}` : word)) }
  }
  const host = type === 'cifs' && !named ? /^\/\/([^/]+)/.exec(device)?.[1] : undefined
  if (!host || isIP(host)) return { type, device, words }
  const { address } = await lookup(host)
  return { type, device: device.replace(host, address), words }
}

/** As Docker tells the arguments of mount(2): a password is nobody's business. */
function howOf(words: readonly string[]): string {
  const { flags, data } = splitOptions(words)
  const shown = data.replace(/(^|,)password=[^,]*/, '$1password=********')
  return `${flags ? `, flags: 0x${flags.toString(16)}` : ''}${shown ? `, data: ${shown}` : ''}`
}

const reason = (cause: unknown): string =>
  hasCode(cause, 'ENODEV') ? 'no such device' : messageOf(cause).replace(/^.*: (.*) \(\w+\)$/, '$1')
