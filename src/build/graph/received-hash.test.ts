import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hashTree } from '../../snapshot/hash-tree.ts'
import type { FileStat } from '../../spec/engine-api/solver.ts'
import { DirectoryReceiver } from './receive.ts'
import { hashReceived } from './received-hash.ts'

const stat = (path: string, mode: number, more: Partial<FileStat> = {}): FileStat => ({
  path,
  mode,
  uid: 7,
  gid: 7,
  size: 0,
  modTimeNanos: 5_000_000_000n,
  linkName: '',
  deviceMajor: 0,
  deviceMinor: 0,
  ...more,
})

function receive(dir: string) {
  const receiver = new DirectoryReceiver(dir, new Map(), 9)
  const file = (path: string, text: string) => {
    assert.ok(receiver.entry(stat(path, 0o640, { size: text.length })))
    if (text) receiver.data(path, Buffer.from(text))
    receiver.end(path)
  }
  file('b.txt', 'b')
  receiver.entry(stat('d', 2 ** 31 + 0o750))
  file('d/ä', 'umlaut')
  file('d/empty', '')
  receiver.entry(stat('d/link', 2 ** 27 + 0o777, { linkName: 'ä' }))
  receiver.finish()
  return receiver
}

test('hashReceived() says what hashTree() does, and nothing about links', async () => {
  const dir = mkdtempSync('/tmp/received-')
  try {
    const { files } = receive(dir)
    for (const path of ['d', 'd/ä', 'd/empty', 'b.txt'])
      assert.equal(hashReceived(files, `/${path}`)?.replace(/^\w+:/, ''), await hashTree(join(dir, path)))
    assert.match(hashReceived(files, '/')!, /^dir:/)
    assert.equal(hashReceived(files, '/d/link'), undefined)
    assert.equal(hashReceived(files, '/missing'), undefined)
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('a directory that did not change is not touched, and asks for nothing', () => {
  const dir = mkdtempSync('/tmp/received-')
  try {
    const { files } = receive(dir)
    const again = new DirectoryReceiver(dir, files, 9)
    const sizes: Readonly<Record<string, number>> = { 'b.txt': 1, 'd/ä': 6 }
    assert.equal(again.entry(stat('b.txt', 0o640, { size: sizes['b.txt']! })), false)
    again.entry(stat('d', 2 ** 31 + 0o750))
    assert.equal(again.entry(stat('d/ä', 0o640, { size: sizes['d/ä']! })), false)
    assert.equal(again.hasChanged, false)
    again.finish()
    assert.equal(again.hasChanged, true) // two are gone
    assert.equal(hashReceived(again.files, '/d/empty'), undefined)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
