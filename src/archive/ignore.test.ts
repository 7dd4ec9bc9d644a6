import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIgnore } from './ignore.ts'

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['node_modules', ['node_modules', 'node_modules/a/b'], ['src/node_modules', 'node_modules2']],
  ['**/node_modules', ['node_modules', 'src/node_modules', 'a/b/node_modules/c'], ['node_modules2']],
  ['*.md\n!README.md', ['a.md'], ['README.md', 'd/a.md']],
  ['/a/./b/', ['a/b', 'a/b/c'], ['a', 'b']],
  ['a?c\n[0-9]*', ['abc', '1x'], ['a/c', 'x1']],
  ['**', ['a', 'a/b'], []],
  ['# comment\n\n  x  ', ['x'], ['# comment']],
  ['dir\n!dir/keep', ['dir/a'], ['dir/keep', 'dir/keep/x']],
  ['a/**/z', ['a/z', 'a/b/c/z'], ['z', 'a/zz']],
  ['foo\\*', ['foo*'], ['foox']],
  ['[^a]b', ['cb'], ['ab', '/b']],
]

for (const [text, ignored, kept] of cases)
  test(`ignore ${JSON.stringify(text)}`, () => {
    const isIgnored = parseIgnore(text)
    assert.deepEqual(
      ignored.filter(path => !isIgnored(path)),
      [],
    )
    assert.deepEqual(kept.filter(isIgnored), [])
  })

test('a pattern that Go refuses is refused', () => {
  assert.throws(() => parseIgnore('a[b'), /syntax error in pattern/)
})
