import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Lab } from '../engine/lab.ts'
import { groups } from './cases.ts'
import { knownDifferences } from './known.ts'
import { readExpected, runGroup, stockClient } from './transcript.ts'

const skip = existsSync(stockClient) ? false : `${stockClient} is not there: the texts were recorded with it`
const parts = 3

/**
 * What dockerd 28.5 answered, kept in `expected/`, against what we answer. `scripts/compare` records it anew. In three
 * parts, as test files run beside each other.
 */
export function compareGroups(part: number): void {
  const own = groups.filter((_, i) => i % parts === part)
  describe(`answers as dockerd does: ${own.join(', ')}`, { skip, timeout: 900_000 }, () => {
    for (const group of own) test(group, { timeout: 300_000 }, () => compareGroup(group))
  })
}

async function compareGroup(group: string): Promise<void> {
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
