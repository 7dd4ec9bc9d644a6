import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { type TarEntry, tarEntry } from '../../../src/archive/tar-entry.ts'
import { encodeTarHeader, tarPadding, tarTrailer } from '../../../src/archive/tar-header.ts'
import { isEngineError } from '../../../src/base/errors.ts'
import { getXattr } from '../../../src/kernel/file-metadata.ts'
import { OverlaySnapshotter } from '../../../src/snapshot/overlay-snapshotter.ts'
import { chainIdOf, digestOf } from '../../../src/spec/digest.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

const tarOf = (...members: readonly (readonly [string, Partial<TarEntry>?, string?])[]): Buffer =>
  Buffer.concat([
    ...members.flatMap(([name, fields = {}, text = '']) => {
      const size = Buffer.byteLength(text)
      return [encodeTarHeader(tarEntry(name, { size, ...fields })), Buffer.from(text), tarPadding(size)]
    }),
    tarTrailer,
  ])

const check = (title: string, body: (store: OverlaySnapshotter, dir: string) => Promise<void>) =>
  test(title, { skip }, async () => {
    const dir = mkdtempSync('/var/tmp/snapshot-')
    try {
      await using store = new OverlaySnapshotter(join(dir, 'snapshots'))
      await body(store, dir)
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
const leftovers = (dir: string) => readdirSync(join(dir, 'snapshots')).filter(name => name.startsWith('tmp'))
const isInvalid = (error: unknown) => isEngineError(error, 'invalid')

check('a layer keeps owners, modes, times, links, devices and attributes', async (store, dir) => {
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
  const tar = tarOf(
    ['bin/', { type: 'directory', mode: 0o751, mtimeNanos: 1_000_000_000_123_456_789n }],
    ['bin/su', { mode: 0o4755, uid: 7, gid: 8, mtimeNanos: 1_700_000_000_987_654_321n }, 'su'],
    ['bin/ping', { mode: 0o755, xattrs: new Map([['security.capability', capability]]) }, 'ping'],
    ['bin/su2', { type: 'link', linkName: 'bin/su' }],
    ['bin/sh', { type: 'symlink', linkName: '/bin/su', mode: 0o777 }],
    ['dev/null', { type: 'character', major: 1, minor: 3, mode: 0o666 }],
    [`${'long/'.repeat(60)}name`, {}, 'deep'],
    ['n\xc3\xa4me', {}, 'utf8'],
    ['\xff\xfe', {}, 'bytes'],
  )
  const chain = await store.apply(undefined, digestOf(tar), Readable.from([tar]))
  const root = store.layers(chain)[0]!
  const su = lstatSync(join(root, 'bin/su'), { bigint: true })
  assert.deepEqual(
    [su.mode & 0o7777n, su.uid, su.gid, su.nlink, su.mtimeNs],
    [0o4755n, 7n, 8n, 2n, 1_700_000_000_987_654_321n],
  )
  assert.equal(lstatSync(join(root, 'bin'), { bigint: true }).mtimeNs, 1_000_000_000_123_456_789n)
  assert.equal(statSync(join(root, 'bin')).mode & 0o777, 0o751)
  assert.deepEqual(getXattr(join(root, 'bin/ping'), 'security.capability'), capability)
  assert.equal(readlinkSync(join(root, 'bin/sh')), '/bin/su')
  assert.equal(lstatSync(join(root, 'dev/null')).rdev, 0x103)
  assert.equal(readFileSync(join(root, `${'long/'.repeat(60)}name`), 'utf8'), 'deep')
  assert.equal(readFileSync(join(root, 'näme'), 'utf8'), 'utf8')
  assert.equal(readFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([255, 254])]), 'utf8'), 'bytes')
  assert.equal(store.sizeOf(chain), 2 + 4 + 4 + 4 + 5)
  assert.deepEqual(leftovers(dir), [])
  await using again = new OverlaySnapshotter(join(dir, 'snapshots'))
  assert.deepEqual(again.list(), [chain])
})

check('layers of every compression are the same layer', async store => {
  const tar = tarOf(['a', {}, 'a'.repeat(1000)])
  for (const bytes of [
    tar,
    gzipSync(tar),
    zstdCompressSync(tar),
    execFileSync('xz', { input: tar }),
    execFileSync('bzip2', { input: tar }),
  ]) {
    await using layer = await store.unpack(Readable.from([bytes]))
    assert.equal(layer.diffId, digestOf(tar))
  }
})

check('overlay shows whiteouts and opaque directories; diff() gives them back', async (store, dir) => {
  const lower = tarOf(['d/', { type: 'directory' }], ['d/old', {}, 'x'], ['gone', {}, 'x'], ['kept', {}, 'x'])
  const upper = tarOf(['.wh.gone'], ['d/', { type: 'directory' }], ['d/.wh..wh..opq'], ['d/new', {}, 'y'])
  const parent = await store.apply(undefined, digestOf(lower), Readable.from([lower]))
  const chain = await store.apply(parent, digestOf(upper), Readable.from([gzipSync(upper)]))
  assert.equal(chain, chainIdOf([digestOf(lower), digestOf(upper)]))
  const target = join(dir, 'mnt')
  mkdirSync(target)
  const { source, options } = store.mount(chain)
  execFileSync('mount', ['-t', 'overlay', source, '-o', options.join(','), target])
  try {
    assert.deepEqual(readdirSync(target), ['d', 'kept'])
    assert.deepEqual(readdirSync(join(target, 'd')), ['new'])
  } finally {
    execFileSync('umount', [target])
  }
  const names = execFileSync('tar', ['-t'], {
    input: Buffer.concat(await store.diff(store.layers(chain)[0]!).toArray()),
  })
  assert.deepEqual(names.toString().trim().split('\n'), ['d/', 'd/.wh..wh..opq', 'd/new', '.wh.gone'])
})

check('changes() are those of docker diff; adopt() makes the directory a layer', async (store, dir) => {
  const lower = tarOf(
    ['d/', { type: 'directory' }],
    ['d/old', {}, 'x'],
    ['gone', {}, 'x'],
    ['etc/', { type: 'directory' }],
    ['etc/a', {}, 'x'],
  )
  const parent = await store.apply(undefined, digestOf(lower), Readable.from([lower]))
  const [upper, work, target] = ['upper', 'work', 'mnt'].map(name => join(dir, name)) as [string, string, string]
  for (const path of [upper, work, target]) mkdirSync(path)
  const { source, options } = store.mount(parent, { upper, work })
  execFileSync('mount', ['-t', 'overlay', source, '-o', options.join(','), target])
  execFileSync('sh', ['-c', 'rm gone; echo y > etc/a; mkdir new; echo z > new/f; ln new/f new/g'], { cwd: target })
  execFileSync('umount', [target])
  assert.deepEqual(
    (await store.changes(parent, upper)).map(({ Path, Kind }) => `${Kind} ${Path}`),
    ['0 /etc', '0 /etc/a', '2 /gone', '1 /new', '1 /new/f', '1 /new/g'],
  )
  const hash = createHash('sha256')
  for await (const chunk of store.diff(upper)) hash.update(chunk)
  const { chainId, diffId } = await store.adopt(parent, upper)
  assert.equal(diffId, `sha256:${hash.digest('hex')}`)
  assert.equal(existsSync(upper), false)
  assert.equal(store.sizeOf(chainId), 4)
  const again = createHash('sha256').update(Buffer.concat(await store.diff(store.layers(chainId)[0]!).toArray()))
  assert.equal(`sha256:${again.digest('hex')}`, diffId)
})

const hostile: readonly (readonly [string, Buffer])[] = [
  ['..', tarOf(['../evil', {}, 'x'])],
  ['a hard link out', tarOf(['l', { type: 'link', linkName: '../../../../etc/passwd' }])],
  ['a hard link to nothing', tarOf(['l', { type: 'link', linkName: '/etc/passwd' }])],
  ['a whiteout of ..', tarOf(['d/', { type: 'directory' }], ['d/.wh...', {}])],
  ['no archive', Buffer.alloc(2000, 'x')],
  ['half an archive', tarOf(['a', {}, 'x'.repeat(5000)]).subarray(0, 3000)],
  ['half a gzip', gzipSync(tarOf(['a', {}, 'x'.repeat(5000)])).subarray(0, 60)],
]
for (const [title, tar] of hostile)
  check(`refuses ${title} and leaves nothing`, async (store, dir) => {
    await assert.rejects(store.unpack(Readable.from([tar])), isInvalid)
    assert.deepEqual(leftovers(dir), [])
    assert.equal(existsSync(join(dir, 'evil')), false)
  })

check('links lead nowhere outside', async (store, dir) => {
  const outside = join(dir, 'outside')
  mkdirSync(outside)
  const tar = tarOf(
    ['link', { type: 'symlink', linkName: outside }],
    ['link/file', {}, 'x'],
    ['up', { type: 'symlink', linkName: '../../../../..' }],
    ['up/tmp-evil', {}, 'x'],
    ['/abs', {}, 'x'],
    ['f', { type: 'symlink', linkName: join(outside, 'target') }],
    ['f', {}, 'replaced'],
  )
  const chain = await store.apply(undefined, digestOf(tar), Readable.from([tar]))
  const root = store.layers(chain)[0]!
  assert.deepEqual(readdirSync(outside), [])
  assert.equal(existsSync(join(root, outside, 'file')), true)
  assert.equal(existsSync(join(root, 'tmp-evil')), true)
  assert.equal(existsSync(join(root, 'abs')), true)
  assert.equal(readFileSync(join(root, 'f'), 'utf8'), 'replaced')
})

check('another diffID leaves nothing', async (store, dir) => {
  const tar = tarOf(['a', {}, 'a'])
  await assert.rejects(store.apply(undefined, digestOf('other'), Readable.from([tar])), isInvalid)
  assert.deepEqual(leftovers(dir), [])
  assert.deepEqual(store.list(), [])
})

check('sparse files of GNU tar stay sparse', async (store, dir) => {
  execFileSync(
    'sh',
    ['-c', 'truncate -s 1G s; echo end >> s; dd if=/dev/zero of=s bs=1 seek=5000000 count=1 conv=notrunc status=none'],
    { cwd: dir },
  )
  for (const format of [
    ['--format=gnu'],
    ['--format=pax', '--sparse-version=1.0'],
    ['--format=pax', '--sparse-version=0.1'],
    ['--format=pax', '--sparse-version=0.0'],
  ]) {
    const tar = execFileSync('tar', ['-S', ...format, '-c', 's'], { cwd: dir, maxBuffer: 1 << 24 })
    await using layer = await store.unpack(Readable.from([tar]))
    const file = readdirSync(join(dir, 'snapshots')).find(name => name.startsWith('tmp'))!
    const stat = statSync(join(dir, 'snapshots', file, 'fs/s'))
    assert.equal(stat.size, (1 << 30) + 4)
    assert.ok(stat.blocks < 1000)
    assert.equal(layer.size, stat.size)
  }
})

check('unpacking stops when its source fails or its caller gives up', async (store, dir) => {
  const tar = tarOf(['a', {}, 'x'.repeat(100_000)])
  const broken = Readable.from(
    (async function* () {
      yield tar.subarray(0, 50_000)
      throw new Error('cable cut')
    })(),
  )
  await assert.rejects(store.unpack(broken), /cable cut/)
  const controller = new AbortController()
  const endless = new Readable({ read() {} })
  endless.push(tar.subarray(0, 1000))
  setTimeout(() => controller.abort(), 50)
  await assert.rejects(store.unpack(endless, { signal: controller.signal }), (error: unknown) =>
    isEngineError(error, 'cancelled'),
  )
  assert.deepEqual(leftovers(dir), [])
  await using _layer = await store.unpack(Readable.from([tar]))
})
