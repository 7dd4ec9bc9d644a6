import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonErrorOf } from './json-error.ts'

const cases: readonly (readonly [string, string])[] = [
  ['nope', "invalid character 'o' in literal null (expecting 'u')"],
  ['{', 'unexpected EOF'],
  ['{a', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1', "invalid character '1' after object key"],
  ['{"a":1 "', `invalid character '"' after object key:value pair`],
  ['[1 2]', "invalid character '2' after array element"],
  ['<x>', "invalid character '<' looking for beginning of value"],
  ['"a\nb"', "invalid character '\\n' in string"],
  ['"\\q"', 'invalid escape sequence `\\q` in string'],
  ['"\\u12"}', 'invalid escape sequence `\\u12"}` in string'],
  ['\x07', "invalid character '\\a' looking for beginning of value"],
  ['\x01', "invalid character '\\x01' looking for beginning of value"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['1.x', "invalid character 'x' in numeric literal"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{} x', "invalid character 'x' after top-level value"],
]
for (const [text, expected] of cases) test(`${text} is no JSON`, () => assert.equal(jsonErrorOf(text), expected))
