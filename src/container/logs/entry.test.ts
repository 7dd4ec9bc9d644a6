import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeEntries, type LogEntry, parseEntries } from './entry.ts'

const view = { stdout: true, stderr: true, timestamps: false, details: false, tty: false }
const entry = (log: string, stream: LogEntry['stream'] = 'stdout'): LogEntry => ({
  log,
  stream,
  time: '2026-01-02T03:04:05.6Z',
})

test('each entry is a frame, as long as its bytes', () => {
  const bytes = encodeEntries([entry('one\n'), entry('zwö\n', 'stderr'), entry('')], view)
  const expected = [1, 0, 0, 0, 0, 0, 0, 4, ...Buffer.from('one\n'), 2, 0, 0, 0, 0, 0, 0, 5, ...Buffer.from('zwö\n')]
  assert.deepEqual([...bytes], [...expected, 1, 0, 0, 0, 0, 0, 0, 0])
})

test('with a terminal there are no frames; times and details come first', () => {
  const text = encodeEntries([{ ...entry('a\n'), attrs: { k: 'v w' } }], {
    ...view,
    tty: true,
    timestamps: true,
    details: true,
  })
  assert.equal(text.toString(), '2026-01-02T03:04:05.600000000Z k=v+w a\n')
})

test('a torn line costs itself and no other', () => {
  const [one, two] = [JSON.stringify(entry('1\n')), JSON.stringify(entry('2\n'))]
  assert.deepEqual(
    parseEntries([one, two]).map(({ log }) => log),
    ['1\n', '2\n'],
  )
  assert.deepEqual(
    parseEntries([one.slice(0, 9), two, '\0\0']).map(({ log }) => log),
    ['2\n'],
  )
})
