import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { test } from 'node:test'
import { messageOf } from '../../../../src/base/errors.ts'
import { createSolver, type GraphSolver } from '../../../../src/build/graph/solver.ts'
import { openBuilder } from '../harness.ts'
import { type Case, cases } from './cases.ts'
import { FilesClient } from './files-client.ts'
import { type Outcome, outcomeOf, plainError } from './outcome.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'
const recorded = join(import.meta.dirname, 'expected.json')
const expected: Record<string, Outcome> = existsSync(recorded) ? JSON.parse(readFileSync(recorded, 'utf8')) : {}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function build(solver: GraphSolver, each: Case, save: () => Promise<Buffer>, base: Buffer): Promise<Outcome> {
  const client = new FilesClient({ Dockerfile: each.dockerfile, ...each.files })
  const args = Object.entries(each.args ?? {}).map(([name, value]) => [`build-arg:${name}`, value])
  const target = each.target ? { target: each.target } : {}
  const options = { filename: 'Dockerfile', ...target, ...Object.fromEntries(args) }
  const request = { frontend: 'dockerfile.v0', options, cacheImports: [], entitlements: [] }
  try {
    using solved = await solver.solve(request, client, () => {})
    await solver.export(solved, [{ type: 'moby', attributes: { name: 'built' } }], [], client, () => {})
    return outcomeOf(await save(), base)
  } catch (error) {
    return { error: plainError(messageOf(error)) }
  }
}

/** Where this engine knowingly says or does something else; the reason is in docs/differences.md. */
const different: ReadonlySet<string> = new Set([])

test('the table of Dockerfiles gives what BuildKit gives', { skip, timeout: 600_000 }, async t => {
  await using builder = await openBuilder('busybox')
  const { images } = builder.here
  const solver = createSolver(builder.deps, { id: 'table', cacheLimit: () => 1e12 })
  const base = await bytesOf(await images.save(['busybox:latest']))
  for (const each of cases) {
    if (different.has(each.name)) continue
    await t.test(each.name, async () => {
      const outcome = await build(solver, each, async () => bytesOf(await images.save(['built:latest'])), base)
      assert.deepEqual(outcome, expected[each.name])
    })
  }
})
