import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEngineError } from '../base/errors.ts'
import { type TarEntry, tarEntry } from './tar-entry.ts'
import { encodeTarHeader, tarPadding, tarTrailer } from './tar-header.ts'
import { TarParser } from './tar-parser.ts'

function parse(tar: Buffer, pieceSize: number) {
  const members: { entry: TarEntry; text: string }[] = []
  const parser = new TarParser({
    entry: entry => members.push({ entry, text: '' }),
    data: chunk => {
      members.at(-1)!.text += chunk.toString('latin1')
    },
    endEntry: () => {},
  })
  for (let at = 0; at < tar.length; at += pieceSize) parser.write(tar.subarray(at, at + pieceSize))
  parser.end()
  return members
}

const members: readonly (readonly [TarEntry, string])[] = [
  [
    tarEntry('plain', { size: 3, mode: 0o4755, uid: 1000, gid: 3_000_000, mtimeNanos: 1_700_000_000_123_456_789n }),
    'abc',
  ],
  [tarEntry('d/', { type: 'directory' }), ''],
  [tarEntry(`${'x/'.repeat(200)}end`, { size: 513 }), 'y'.repeat(513)],
  [tarEntry('link', { type: 'symlink', linkName: `/${'t/'.repeat(100)}` }), ''],
  [tarEntry('hard', { type: 'link', linkName: 'plain' }), ''],
  [tarEntry('null', { type: 'character', major: 1, minor: 3 }), ''],
  [tarEntry('sda', { type: 'block', major: 8, minor: 1 }), ''],
  [tarEntry('pipe', { type: 'fifo' }), ''],
  [tarEntry('\xff\xc3\xa4', { xattrs: new Map([['user.a', Buffer.from([0, 10, 61, 255])]]) }), ''],
  [tarEntry('old', { mtimeNanos: -1_500_000_000n }), ''],
]
const archive = Buffer.concat([
  ...members.flatMap(([entry, text]) => [encodeTarHeader(entry), Buffer.from(text), tarPadding(text.length)]),
  tarTrailer,
])

for (const pieceSize of [1, 7, 512, 1000, 1 << 20])
  test(`what was written is read again, in pieces of ${pieceSize} bytes`, () => {
    assert.deepEqual(
      parse(archive, pieceSize).map(({ entry, text }) => [entry, text]),
      members,
    )
  })

test('an archive cut anywhere inside a member is invalid', () => {
  const isInvalid = (error: unknown) => isEngineError(error, 'invalid')
  for (const end of [1, 511, 513, 1100, archive.length - 3000]) {
    if (end % 512 === 0) continue
    assert.throws(() => parse(archive.subarray(0, end), 512), isInvalid, String(end))
  }
})

test('spoiled bytes never throw anything but an EngineError', () => {
  for (let i = 0; i < 3000; i++) {
    const spoiled = Buffer.from(archive)
    for (let j = 0; j < 3; j++) spoiled[(i * 7919 + j * 104_729) % spoiled.length] = (i * 31 + j) & 0xff
    try {
      parse(spoiled, 4096)
    } catch (error) {
      assert.ok(isEngineError(error, 'invalid'), String(error))
    }
  }
})
