import assert from 'node:assert/strict'
import { test } from 'node:test'
import { int64, integerProblem, uint16 } from './strconv.ts'

test('integers are judged as Go judges them', () => {
  for (const good of ['0', '+7', '-7', `${2n ** 63n - 1n}`]) assert.equal(integerProblem(good, int64), undefined)
  assert.equal(integerProblem(`${2n ** 63n}`, int64), 'parsing "9223372036854775808": value out of range')
  assert.equal(integerProblem('1x', int64), 'parsing "1x": invalid syntax')
  assert.equal(integerProblem('65535', uint16), undefined)
  assert.equal(integerProblem('65536', uint16), 'parsing "65536": value out of range')
  assert.equal(integerProblem('+1', uint16), 'parsing "+1": invalid syntax')
})
