import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findRemap, toRanges } from './userns-remap.ts'

test('ranges of a user stand one behind the other, lowest first', () => {
  const rows = [
    ['a', '300000', '10'],
    ['b', '1', '1'],
    ['1000', '200000', '65536'],
  ]
  assert.deepEqual(toRanges(rows, 'a', '1000'), [
    { inside: 0, outside: 200000, count: 65536 },
    { inside: 65536, outside: 300000, count: 10 },
  ])
  assert.deepEqual(toRanges(rows, 'c', '7'), [])
})

test('who is unknown cannot lend ids', () => {
  assert.equal(findRemap(''), undefined)
  assert.throws(() => findRemap('a:b:c'), /Invalid user\/group specification in --userns-remap: "a:b:c"/)
  assert.throws(
    () => findRemap('no-such-user'),
    /Error during uid lookup for "no-such-user": getent unable to find entry "no-such-user" in passwd database/,
  )
})
