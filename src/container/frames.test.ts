import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FrameSplitter } from './frames.ts'

test('frames give what they hold, however they are cut', () => {
  const bytes = Buffer.from(
    '\x01\0\0\0\0\0\0\x03abc\x02\0\0\0\0\0\0\x02de\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x01f',
    'latin1',
  )
  for (const size of [1, 3, 8, 9, bytes.length]) {
    const found = { stdout: '', stderr: '' }
    const splitter = new FrameSplitter((payload, output) => (found[output] += payload))
    for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size))
    assert.deepEqual(found, { stdout: 'abcf', stderr: 'de' })
  }
})
