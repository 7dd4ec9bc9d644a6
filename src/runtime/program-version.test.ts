import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseVersion, programVersion } from './program-version.ts'

test('runtimes and inits say their version and commit in their own ways', () => {
  const said = [
    ['crun version 1.8.1\ncommit: f8a096be\nspec: 1.0.0\n', '1.8.1', 'f8a096be'],
    ['runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: 1.0.2-dev\n', '1.1.5+ds1', '1.1.5+ds1-1+deb12u1'],
    ['tini version 0.19.0 - git.de40ad0\n', '0.19.0', 'de40ad0'],
    ['tini version 0.19.0\n', '0.19.0', ''],
    ['something else\n', '', ''],
  ] as const
  for (const [output, version, commit] of said)
    assert.deepEqual(parseVersion('it', output), { name: 'it', version, commit })
})

test('a program that is not there or fails says nothing', async () => {
  assert.equal(await programVersion('/nope'), undefined)
  assert.equal(await programVersion('/bin/false'), undefined)
})
