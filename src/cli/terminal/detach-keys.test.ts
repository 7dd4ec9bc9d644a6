import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDetachKeys, watchEscape } from './detach-keys.ts'

test('keys are letters and control letters', () => {
  assert.deepEqual(parseDetachKeys('ctrl-a,ctrl-[,x'), [1, 27, 120])
  assert.deepEqual(parseDetachKeys('nonsense'), [16, 17])
  assert.deepEqual(parseDetachKeys(undefined), [16, 17])
})

test('a broken-off sequence is sent on, a whole one is not', () => {
  const watch = watchEscape([16, 17])
  assert.deepEqual([...watch(Buffer.from([97, 16])).rest], [97])
  assert.deepEqual([...watch(Buffer.from([98])).rest], [16, 98])
  assert.deepEqual([...watch(Buffer.from([16, 16])).rest], [16])
  const last = watch(Buffer.from([17, 99]))
  assert.deepEqual([[...last.rest], last.isDetached], [[], true])
})
