import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineSplitter } from './line-splitter.ts'

const texts = (splitter: LineSplitter, chunk: string, nanos = 1n) =>
  splitter.split('stdout', Buffer.from(chunk), nanos).map(({ bytes }) => bytes.toString())

test('lines come whole, however they arrive', () => {
  const splitter = new LineSplitter()
  assert.deepEqual(texts(splitter, 'one\ntw'), ['one'])
  assert.deepEqual(texts(splitter, 'o\n\nthree'), ['two', ''])
  assert.deepEqual(
    splitter.rest(9n).map(({ bytes, endsInNewline }) => [bytes.toString(), endsInNewline]),
    [['three', false]],
  )
})

test('the two outputs do not mix', () => {
  const splitter = new LineSplitter()
  splitter.split('stdout', Buffer.from('a'), 1n)
  assert.equal(splitter.split('stderr', Buffer.from('b\n'), 2n)[0]!.bytes.toString(), 'b')
})

test('a line of more than 16 KiB becomes parts with the time of the first', () => {
  const splitter = new LineSplitter()
  const parts = splitter.split('stdout', Buffer.alloc(40_000, 'x'), 5n)
  const [last] = splitter.split('stdout', Buffer.from('y\n'), 6n)
  assert.deepEqual(
    [...parts, last!].map(({ bytes, isWhole, nanos }) => [bytes.length, isWhole, nanos]),
    [
      [16384, false, 5n],
      [16384, false, 5n],
      [40_000 - 2 * 16384 + 1, true, 5n],
    ],
  )
})

test('a line of exactly 16 KiB has its newline in a part of its own', () => {
  const entries = new LineSplitter().split('stdout', Buffer.from(`${'x'.repeat(16384)}\n`), 5n)
  assert.deepEqual(
    entries.map(({ bytes, isWhole, endsInNewline }) => [bytes.length, isWhole, endsInNewline]),
    [
      [16384, false, false],
      [0, true, true],
    ],
  )
})
