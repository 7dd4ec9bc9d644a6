import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openBuilder } from '../harness.ts'
import { FilesClient } from '../table/files-client.ts'
import { plainCheck, plainOutline } from './answers.ts'
import { type CheckCase, cases, outlines } from './cases.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'
const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8'))

/** What BuildKit says that is not said here, or otherwise, and why. */
const different: ReadonlySet<string> = new Set([
  'undefined in FROM', // BuildKit looks at the platforms of all stages before it looks at any name
  'ignored by a pattern', // paths that begin with a slash or dots are found here, too
])

test('checks, outlines and targets are those of BuildKit', { skip, timeout: 120_000 }, async t => {
  await using builder = await openBuilder('busybox')
  const { solver } = builder
  const ask = async ({ dockerfile, ignore }: CheckCase, requestid: string, target?: string) => {
    const client = new FilesClient({ Dockerfile: dockerfile, ...(ignore && { '.dockerignore': ignore }) })
    const options = { filename: 'Dockerfile', requestid, ...(target && { target }) }
    const request = { frontend: 'dockerfile.v0', options, cacheImports: [], entitlements: [] }
    using solved = await solver.solve(request, client, () => {})
    return JSON.parse(Buffer.from(solved.metadata['result.json']!).toString())
  }
  for (const each of cases) {
    if (different.has(each.name)) continue
    await t.test(each.name, async () =>
      assert.deepEqual(plainCheck(await ask(each, 'frontend.lint')), expected.checks[each.name]),
    )
  }
  for (const each of outlines)
    await t.test(`outline: ${each.name}`, async () => {
      const outline = plainOutline(await ask(each, 'frontend.outline', each.target))
      const targets = plainOutline(await ask(each, 'frontend.targets', each.target))
      assert.deepEqual({ outline, targets }, expected.outlines[each.name])
    })
})
