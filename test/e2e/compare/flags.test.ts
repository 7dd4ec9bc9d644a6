import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { groups, readCases } from './cases.ts'

const surface: Readonly<Record<string, { readonly flags: readonly string[] }>> = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../compat/cli-surface.json'), 'utf8'),
)

/** Flags that no case needs to name. */
const excused: ReadonlyMap<string, string> = new Map([
  ['help', 'asks no engine; test/compat compares the pages'],
  ['use-api-socket', 'shows the socket and the credentials of whoever runs the tests; test/e2e/cli tries it'],
])

const scripts = groups.flatMap(readCases).map(({ script }) => script)

/** `-m, --memory bytes` → the ways to write it. */
function spellings(flag: string): readonly RegExp[] {
  const [, short, long] = /^(?:-(\w), )?--([\w-]+)/.exec(flag)!
  return [
    new RegExp(`(?<![\\w-])--${long}(?![\\w-])`),
    ...(short ? [new RegExp(`(?<![\\w-])-[a-zA-Z]*${short}(?![\\w-])`)] : []),
  ]
}

for (const command of ['run', 'create', 'update'])
  test(`every flag of ${command} is compared with dockerd's`, () => {
    const own = scripts.filter(script => new RegExp(`docker ${command}\\b`).test(script))
    const missing = surface[`container ${command}`]!.flags.filter(flag => {
      const name = /--([\w-]+)/.exec(flag)![1]!
      return !excused.has(name) && !spellings(flag).some(spelling => own.some(script => spelling.test(script)))
    })
    assert.deepEqual(missing, [])
  })
