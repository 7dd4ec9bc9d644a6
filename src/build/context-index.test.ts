import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { ArchiveIndex } from '../snapshot/archive-index.ts'
import { hashTree } from '../snapshot/hash-tree.ts'
import { OverlaySnapshotter } from '../snapshot/overlay-snapshotter.ts'
import { ContextIndex } from './context-index.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

async function held(script: string, body: (index: ArchiveIndex, unpacked: string) => Promise<void>) {
  const dir = mkdtempSync('/var/tmp/index-')
  try {
    mkdirSync(join(dir, 'layers'))
    await using snapshots = new OverlaySnapshotter(join(dir, 'layers'))
    const tar = execFileSync('sh', ['-c', `cd "$(mktemp -d -p ${dir})" && ${script}`], { maxBuffer: 1 << 28 })
    await using archive = await snapshots.hold(Readable.from([gzipSync(tar)]), ['a'])
    await using extracted = await archive.extract()
    await body(archive.index, extracted.directory)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

test('an index says of files what they are once unpacked', { skip }, async () => {
  const script = `printf text > a; mkdir -p d/e; echo 1 > d/e/f; chmod 4755 d/e/f; : > d/empty; ln -s /x d/link; ln d/e/f d/hard
    dd if=/dev/zero bs=1M count=3 2>/dev/null | tr '\\0' x > d/large; chmod 700 d/e; tar -c --owner=0 --group=0 a d`
  await held(script, async (archive, unpacked) => {
    assert.ok(archive.isPlain)
    assert.deepEqual([...archive.texts], [['a', 'text']])
    const index = new ContextIndex(archive, [])
    for (const [path, kind] of [
      ['a', 'file'],
      ['d', 'dir'],
      ['d/e', 'dir'],
      ['d/e/f', 'file'],
      ['d/hard', 'file'],
      ['d/large', 'file'],
    ] as const)
      assert.deepEqual(index.lookUp(path), { hash: `${kind}:${await hashTree(join(unpacked, path))}` }, path)
    assert.equal(index.lookUp('d/link'), undefined)
    assert.equal(index.lookUp('d/link/x'), undefined)
    assert.equal(index.lookUp('a/b'), 'absent')
    assert.equal(index.lookUp('../nope'), 'absent')
    assert.equal(index.names('d'), undefined) // a link may be meant
  })
})

test('an index does not trust members that depend on each other', { skip }, async () => {
  const first = 'printf text > a; tar -cf x.tar a'
  for (const more of [
    'mkfifo p && tar -rf x.tar p',
    'echo new > a && tar -rf x.tar a',
    'mkdir d && ln -s d l && tar -rf x.tar l && rm l && mkdir l && echo 1 > l/f && tar -rf x.tar l/f',
    'truncate -s 1M s && tar -rSf x.tar s',
  ])
    await held(`${first} && ${more} && cat x.tar`, async ({ isPlain }) => assert.ok(!isPlain, more))
})
