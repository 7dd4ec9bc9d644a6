import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { Lab } from '../engine/lab.ts'
import { groups } from './cases.ts'
import { knownDifferences } from './known.ts'
import { readExpected, runGroup, stockClient } from './transcript.ts'

export const skip: string | false = existsSync(stockClient)
  ? false
  : `${stockClient} is not there: the texts were recorded with it`

const parts = 3

/** The groups of one of three test files, as these run beside each other. */
export const groupsOf = (part: number): readonly string[] => groups.filter((_, i) => i % parts === part)

/** What dockerd 28.5 answered, kept in `expected/`, against what we answer. `scripts/compare` records it anew. */
export async function compareGroup(group: string): Promise<void> {
  await using lab = await new Lab().start()
  lab.importBusybox()
  const expected = readExpected(group)
  const differing: string[] = []
  runGroup(group, lab.socket, stockClient, (text, title) => {
    const isKnown = knownDifferences.has(`${group}: ${title}`)
    if (isKnown && expected.get(title) === text) differing.push(`no difference any more: ${title}`)
    if (!isKnown && expected.get(title) !== text) differing.push(`expected:\n${expected.get(title)}\ngot:\n${text}`)
  })
  assert.equal(differing.join('\n\n'), '')
}
