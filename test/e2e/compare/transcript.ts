import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readCases, transcribe } from './cases.ts'

/** The client that the expected texts were recorded with. */
export const stockClient: string = process.env.DOCKER_CLIENT ?? '/usr/local/bin/docker'

export const expectedPath = (group: string): string => join(import.meta.dirname, 'expected', `${group}.txt`)

const split = (text: string): readonly string[] => text.split(/\n\n(?=### )/).map(part => part.trim())

/** Title → transcript of a group, as the peer gave it. */
export const readExpected = (group: string): ReadonlyMap<string, string> =>
  new Map(split(readFileSync(expectedPath(group), 'utf8')).map(part => [part.split('\n')[0]!.slice(4), part]))

/** Runs a whole group; its cases build on each other. */
export function runGroup(
  group: string,
  socket: string,
  client: string,
  onCase: (text: string, title: string) => void,
): void {
  const dir = mkdtempSync('/var/tmp/berth-compare-')
  try {
    for (const one of readCases(group)) onCase(transcribe(one, socket, client, dir), one.title)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
