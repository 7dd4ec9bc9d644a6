import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exchange } from './id-maps.ts'

test('two ids take each other’s place, all others stay', () => {
  assert.equal(exchange([1000, 0]), ['0 1000 1', '1 1 999', '1000 0 1', '1001 1001 4294966294'].join('\n'))
  assert.equal(exchange([5, 6]), ['0 0 5', '5 6 1', '6 5 1', '7 7 4294967288'].join('\n'))
  assert.equal(exchange([0, 1]), ['0 1 1', '1 0 1', '2 2 4294967293'].join('\n'))
  assert.equal(exchange([7, 7]), '0 0 4294967295')
})
