// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what Dockerfiles are written with

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expand } from './expand.ts'

const values = new Map([
  ['A', 'foo/bar.tar.gz'],
  ['B', ''],
  ['x1', 'one'],
])
const on = (word: string, mark: '\\' | '`' = '\\') => expand(word, { get: name => values.get(name), escape: mark })

const cases: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['$A', 'foo/bar.tar.gz'],
  ['$A$x1', 'foo/bar.tar.gzone'],
  ['${x1}2', 'one2'],
  ['$x12', ''],
  ['$', '$'],
  ['a$ b', 'a$ b'],
  ['\\$A', '$A'],
  ["'$A'", '$A'],
  ['"$x1 \\"q\\" \\n"', 'one "q" \\n'],
  ['"\\$x1"', '$x1'],
  ['a\\ b', 'a b'],
  ['${B:-d}', 'd'],
  ['${B-d}', ''],
  ['${C-d}', 'd'],
  ['${C:-$x1}', 'one'],
  ['${C:-${B:-"in ner"}}', 'in ner'],
  ['${A:+set}', 'set'],
  ['${B:+set}', ''],
  ['${B+set}', 'set'],
  ['${x1:?no}', 'one'],
  ['${A#*/}', 'bar.tar.gz'],
  ['${A#*.}', 'tar.gz'],
  ['${A##*.}', 'gz'],
  ['${A%.*}', 'foo/bar.tar'],
  ['${A%%.*}', 'foo/bar'],
  ['${A#nope}', 'foo/bar.tar.gz'],
  ['${A/o/0}', 'f0o/bar.tar.gz'],
  ['${A//o/0}', 'f00/bar.tar.gz'],
  ['${A//\\//-}', 'foo-bar.tar.gz'],
  ['${A/b?r/$x1}', 'foo/one.tar.gz'],
  ['${A/.*}', 'foo/bar'],
]

test('words are expanded as BuildKit does', () => {
  for (const [word, result] of cases) assert.equal(on(word), result, word)
})

test('the escape may be a backquote', () => {
  assert.equal(on('C:\\dir`$A', '`'), 'C:\\dir$A')
})

const errors: readonly (readonly [string, string])[] = [
  ["'a", 'unexpected end of statement while looking for matching single-quote'],
  ['"a', 'unexpected end of statement while looking for matching double-quote'],
  ['${A', 'unsupported modifier (\ufffd) in substitution'],
  ['${A:-x', "syntax error: missing '}'"],
  ['${}', 'bad substitution'],
  ['${A!x}', 'unsupported modifier (!) in substitution'],
  ['${A:x}', 'unsupported modifier (:x) in substitution'],
  ['${C?}', 'C: is not allowed to be unset'],
  ['${B:?}', 'B: is not allowed to be empty'],
  ['${B:?why so}', 'B: why so'],
]

test('words that cannot be expanded name what is wrong', () => {
  for (const [word, message] of errors)
    assert.throws(() => on(word), { message: `failed to process ${JSON.stringify(word)}: ${message}` }, word)
})

test('a pattern of many stars is no trap', () => {
  values.set('LONG', 'a'.repeat(20_000))
  assert.equal(on(`\${LONG##${'*a'.repeat(12)}*b}`).length, 20_000)
})
