import type { Duplex } from 'node:stream'
import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { atLeast } from './versions.ts'

export interface HijackHeaders {
  readonly upgrade: string | undefined
  readonly version: string
  readonly tty: boolean
  readonly extra: Readonly<Record<string, string>>
}

/** The lines that turn an HTTP connection into a raw one. */
export function hijackHead({ upgrade, version, tty, extra }: HijackHeaders): string {
  const multiplexed = !tty && upgrade !== undefined && atLeast(version, '1.42')
  const contentType = `application/vnd.docker.${multiplexed ? 'multiplexed' : 'raw'}-stream`
  const headers = Object.entries(extra).map(([name, value]) => `${name}: ${value}\r\n`)
  if (upgrade === undefined) return `HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\n${headers.join('')}\r\n`
  return `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${contentType}\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n${headers.join('')}\r\n`
}

const lookMillis = 1
const looks = 2000
const graceMillis = 3

/**
 * Some clients (docker-py) lose output that they read together with the head, which happens to busy ones when a process
 * is quick: what comes first waits until they have read the head.
 */
async function headIsRead(isUnread: () => boolean): Promise<void> {
  await setImmediate()
  if (!isUnread()) return
  for (let i = 0; i < looks && isUnread(); i++) await delay(lookMillis)
  await delay(graceMillis) // it may be about to read on
}

/**
 * Joins the two: an end on either side ends only that direction; a broken side breaks the other.
 *
 * @param isUnread whether the client has yet to read the head
 */
export function join(client: Duplex, process: Duplex, isUnread: () => boolean): void {
  client.pipe(process)
  process.once('readable', () => void headIsRead(isUnread).then(() => process.pipe(client)))
  client.on('error', () => process.destroy())
  process.on('error', () => client.destroy())
  client.on('close', () => process.destroy())
  process.on('close', () => {
    if (!client.writableEnded) client.end()
  })
}
