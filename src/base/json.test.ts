import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from './json.ts'

test('whole numbers beyond 2^53 come out as they went in', () => {
  const text = '{"a":9223372036854775807,"b":[1.5,-12345678901234567890],"c":"12345678901234567890"}'
  assert.equal(JSON.stringify(parseJson(text)), text)
  assert.equal(String((parseJson(text) as { a: unknown }).a), '9223372036854775807')
})
