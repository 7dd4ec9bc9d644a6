import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Lab } from '../engine/lab.ts'

const lab = new Lab()

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

const run = (...args: string[]) => lab.docker(['run', '--rm', ...args])
const part = (subpath: string) => ['--mount', `type=volume,src=store,dst=/x,volume-subpath=${subpath}`]

test('a part of a volume is mounted, and no link leads out of it', () => {
  run(
    '-v',
    'store:/x',
    'busybox',
    'sh',
    '-c',
    'mkdir -p /x/a/b; echo z >/x/a/z; ln -s /etc /x/evil; ln -s ../.. /x/a/up',
  )
  assert.equal(run(...part('a'), 'busybox', 'cat', '/x/z').out, 'z\n')
  assert.equal(run(...part('a/z'), 'busybox', 'cat', '/x').out, 'z\n', 'a file')
  assert.match(run(...part('evil'), 'busybox', 'ls', '/x').err, /path concatenation escapes the base directory/)
  assert.match(run(...part('a/up'), 'busybox', 'ls', '/x').err, /path concatenation escapes the base directory/)
  assert.match(run(...part('../x'), 'busybox', 'ls', '/x').err, /subpath must be a relative path within the volume/)
  assert.match(run(...part('none'), 'busybox', 'ls', '/x').err, /cannot access path .*no such file or directory/)
})

test('the files of an image are mounted, and nobody can change them', () => {
  const image = ['--mount', 'type=image,src=busybox,dst=/img']
  assert.equal(run(...image, 'busybox', 'cat', '/img/data/file').out, 'kept\n')
  assert.match(run(...image, 'busybox', 'touch', '/img/data/file').err, /Read-only file system/)
  assert.equal(
    run('--mount', 'type=image,src=busybox,dst=/img,image-subpath=data', 'busybox', 'cat', '/img/file').out,
    'kept\n',
  )
})

test('files under /etc are there although a volume covers it', () => {
  assert.match(run('-v', 'etc:/etc:nocopy', 'busybox', 'cat', '/etc/hosts').out, /localhost/)
})

test('a read-only file and options of tmpfs', () => {
  assert.match(run('-v', '/etc/hostname:/x/y:ro', 'busybox', 'touch', '/x/y').err, /Read-only/)
  assert.match(
    run('--tmpfs', '/t:size=1m,exec', 'busybox', 'grep', ' /t ', '/proc/mounts').out,
    /nodev,relatime,size=1024k/,
  )
  assert.match(run('--tmpfs', '/t:nope=1', 'busybox', 'true').err, /invalid tmpfs option "nope"/)
})
