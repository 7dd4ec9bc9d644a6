import type { Duplex } from 'node:stream'
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

/** Joins the two: an end on either side ends only that direction; a broken side breaks the other. */
export function join(client: Duplex, process: Duplex): void {
  client.pipe(process)
  process.pipe(client)
  client.on('error', () => process.destroy())
  process.on('error', () => client.destroy())
  client.on('close', () => process.destroy())
  process.on('close', () => {
    if (!client.writableEnded) client.end()
  })
}
