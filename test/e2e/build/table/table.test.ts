import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { test } from 'node:test'
import { messageOf } from '../../../../src/base/errors.ts'
import type { GraphSolver } from '../../../../src/build/graph/solver.ts'
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

/** Where nothing can be compared, and why. */
const different: ReadonlySet<string> = new Set([
  'scratch without files', // the peer cannot save an image without layers
  'wrong 15', // a program that is not there: the runtime decides the code
  'wrong 46', // --security is part of the language here
])

test('the table of Dockerfiles gives what BuildKit gives', { skip, timeout: 600_000 }, async t => {
  await using builder = await openBuilder('busybox')
  const { images } = builder.here
  const { solver } = builder
  const base = await bytesOf(await images.save(['busybox:latest']))
  const actual: Record<string, Outcome> = {}
  for (const each of cases) {
    if (different.has(each.name)) continue
    await t.test(each.name, async () => {
      const outcome = await build(solver, each, async () => bytesOf(await images.save(['built:latest'])), base)
      actual[each.name] = outcome
      assert.deepEqual(outcome, expected[each.name])
    })
  }
  if (process.env.TABLE_OUT) writeFileSync(process.env.TABLE_OUT, JSON.stringify(actual))
})
