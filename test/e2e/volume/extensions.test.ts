import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { Database } from '../../../src/base/database.ts'
import { silentLog } from '../../../src/base/log.ts'
import { syncFileSystem } from '../../../src/kernel/file-metadata.ts'
import { RootFiles } from '../../../src/snapshot/root-files.ts'
import { WorkerPool } from '../../../src/snapshot/worker-pool.ts'
import { openVolumes } from '../../../src/volume/open.ts'
import { Lab } from '../engine/lab.ts'

// What volumes have that Docker's do not: docs/volumes.md

const dir = mkdtempSync('/var/tmp/berth-volx-')
const files = Object.assign(new RootFiles(new WorkerPool()), { syncAll: syncFileSystem })
const open = (root = dir) => {
  const db = new Database(join(root, 'meta.db'))
  return { ...openVolumes({ db, root, log: silentLog, emit: () => {}, files }), db }
}
const volumes = open()
const lab = new Lab()
before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
})

const berth = (...args: string[]): string => {
  const env = { ...process.env, DOCKER_HOST: `unix://${lab.socket}` }
  const { status, stderr, stdout } = spawnSync('bin/berth', args, { env, encoding: 'utf8', timeout: 60_000 })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}

async function volume(name: string, content: Readonly<Record<string, string>>): Promise<string> {
  const { Mountpoint } = await volumes.verbs.create({ Name: name })
  for (const [path, text] of Object.entries(content)) writeFileSync(join(Mountpoint!, path), text)
  return Mountpoint!
}

test('owner and mode at create, which the files of an image leave alone', () => {
  berth('volume', 'create', '-o', 'uid=7', '-o', 'gid=8', '-o', 'mode=2770', 'owned')
  assert.equal(
    berth('run', '--rm', '-v', 'owned:/data', 'busybox', 'stat', '-c', '%u:%g %a', '/data', '/data/file'),
    '7:8 2770\n0:0 644',
  )
})

test('wrong options are refused, nothing is left of the volume', async () => {
  const wrong = [
    [{ uid: 'root' }, 'option "uid" must be a number below 4294967295, not "root"'],
    [{ mode: '99' }, 'option "mode" must be an octal number, not "99"'],
    [{ size: '5' }, 'option "size" must be a number of bytes of at least 1m, not "5"'],
    [{ type: 'tmpfs', device: 'tmpfs', uid: '5' }, 'option "uid" does not go with "device": say it in "o"'],
  ] as const
  for (const [DriverOpts, why] of wrong)
    await assert.rejects(volumes.verbs.create({ Name: 'wrong', DriverOpts }), {
      kind: 'invalid',
      message: `create wrong: ${why}`,
    })
  await assert.rejects(volumes.verbs.inspect('wrong'), { kind: 'not-found' })
})

test('a size is a limit, copies keep it', async () => {
  await volumes.verbs.create({ Name: 'small', DriverOpts: { size: '8m', uid: '7' } })
  const path = await volumes.containers.mount('small', 'c1')
  const { bsize, blocks } = statfsSync(path)
  assert.ok(bsize * blocks < 8 << 20 && bsize * blocks > 6 << 20)
  assert.equal(statSync(path).uid, 7)
  assert.throws(() => writeFileSync(join(path, 'big'), Buffer.alloc(9 << 20)), { code: 'ENOSPC' })
  writeFileSync(join(path, 'big'), 'fits')
  await volumes.verbs.copy('small', { Name: 'small2' })
  await volumes.containers.unmount('small', 'c1')
  const copy = await volumes.containers.mount('small2', 'c1')
  assert.equal(readFileSync(join(copy, 'big'), 'utf8'), 'fits')
  await volumes.containers.unmount('small2', 'c1')
  for (const name of ['small', 'small2']) await volumes.verbs.remove(name, false)
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(dir), false)
})

test('a clone has files and labels and goes its own way; what cannot be copied leaves nothing', async () => {
  const from = await volume('one', { file: 'first' })
  const { Labels, Mountpoint } = await volumes.verbs.copy('one', { Name: 'two', Labels: { a: 'b' } })
  writeFileSync(join(from, 'file'), 'second')
  assert.deepEqual([Labels, readFileSync(join(Mountpoint!, 'file'), 'utf8')], [{ a: 'b' }, 'first'])
  await assert.rejects(volumes.verbs.copy('one', { Name: 'two' }), { kind: 'conflict' })
  await assert.rejects(volumes.verbs.copy('none', { Name: 'three' }), { kind: 'not-found' })
  await assert.rejects(volumes.verbs.copy('one', { Name: '../x' }), { kind: 'invalid' })
})

test('clones share blocks where the file system can', async t => {
  if (spawnSync('mkfs.btrfs', ['-V']).status !== 0) return t.skip('no btrfs-progs')
  const [image, root] = [join(dir, 'disk'), join(dir, 'btrfs')]
  execFileSync('sh', [
    '-c',
    `truncate -s 300M ${image} && mkfs.btrfs -q ${image} && mkdir ${root} && mount -o loop ${image} ${root}`,
  ])
  try {
    const here = open(root)
    const { Mountpoint } = await here.verbs.create({ Name: 'big' })
    writeFileSync(join(Mountpoint!, 'file'), Buffer.alloc(120 << 20, 7))
    await syncFileSystem(root)
    for (let i = 0; i < 4; i++) await here.verbs.copy('big', { Name: `copy${i}` })
    const { Mountpoint: copy } = await here.verbs.inspect('copy3')
    assert.equal(statSync(join(copy!, 'file')).size, 120 << 20, 'five times 120 MB on 300 MB')
    here.db[Symbol.dispose]()
  } finally {
    execFileSync('umount', ['-l', root])
  }
})

test('a snapshot is read-only for containers, a clone of it is not', () => {
  berth('volume', 'create', 'live')
  berth(
    'run',
    '-d',
    '--name',
    'writer',
    '-v',
    'live:/d',
    'busybox',
    'sh',
    '-c',
    'while true; do echo a >>/d/log; echo b >>/d/log; done',
  )
  const name = berth('volume', 'snapshot', '--freeze', 'live')
  assert.match(name, /^live-\d{8}T\d{6}Z$/)
  assert.equal(berth('inspect', '-f', '{{.State.Status}}', 'writer'), 'running')
  const write = ['run', '--rm', '-v', `${name}:/d`, 'busybox', 'touch', '/d/x']
  assert.match(lab.docker(write).err, /Read-only file system/)
  assert.equal(JSON.parse(berth('volume', 'inspect', name))[0].Status['berth.snapshot-of'], 'live')
  berth('volume', 'clone', name, 'back')
  assert.match(berth('run', '--rm', '-v', 'back:/d', 'busybox', 'sh', '-c', 'echo c >>/d/log; tail -1 /d/log'), /^c$/)
  berth('rm', '-f', 'writer')
})

test('a rename under a running container: it writes on, and finds its files when started again', async () => {
  const loop = 'echo up >>/d/log; sleep 1000'
  berth(
    'run',
    '-d',
    '--name',
    'user',
    '-v',
    'old:/d',
    '--mount',
    'type=volume,source=old,target=/e',
    'busybox',
    'sh',
    '-c',
    loop,
  )
  berth('volume', 'rename', 'old', 'new')
  berth('exec', 'user', 'sh', '-c', 'echo exec >>/d/log')
  berth('restart', '-t', '0', 'user')
  assert.equal(berth('exec', 'user', 'cat', '/e/log'), 'up\nexec\nup')
  assert.equal(
    berth('inspect', '-f', '{{range .Mounts}}{{.Name}} {{end}}{{json .HostConfig.Binds}}', 'user'),
    'new new ["new:/d"]',
  )
  assert.match(lab.docker(['volume', 'rm', 'new']).err, /volume is in use/)
  assert.match(lab.docker(['volume', 'inspect', 'old']).err, /no such volume/)
  berth('rm', '-f', 'user')
  berth('run', '--name', 'nameless', '-v', '/anon', 'busybox', 'touch', '/anon/kept')
  berth('volume', 'rename', berth('inspect', '-f', '{{(index .Mounts 0).Name}}', 'nameless'), 'named')
  berth('rm', '-v', 'nameless')
  assert.equal(berth('run', '--rm', '-v', 'named:/n', 'busybox', 'ls', '/n'), 'kept')
})

test('a rename that a crash cut off is finished at the next start', async () => {
  const root = join(dir, 'crash')
  mkdirSync(root)
  const before = open(root)
  const { Mountpoint } = await before.verbs.create({ Name: 'was' })
  writeFileSync(join(Mountpoint!, 'file'), 'x')
  const table = before.db.table<object>('volumes')
  table.put('is', { ...table.get('was'), name: 'is', movedFrom: 'was' })
  table.delete('was')
  before.db[Symbol.dispose]()
  const next = open(root)
  next.recover(new Map())
  const { Mountpoint: path } = await next.verbs.inspect('is')
  assert.equal(readFileSync(join(path!, 'file'), 'utf8'), 'x')
  next.db[Symbol.dispose]()
})

test('export and import keep owners and modes; an import is whole or nothing', async () => {
  await volume('source', { file: 'x' })
  execFileSync('sh', ['-c', 'chown 5:6 . && chmod 1770 . && ln -s /etc/passwd link && ln file hard && chown 9 file'], {
    cwd: (await volumes.verbs.inspect('source')).Mountpoint,
  })
  const archive = Buffer.concat(await (await volumes.verbs.exportTar('source')).toArray())
  await volumes.verbs.importTar('target', Readable.from([archive]), { replace: false })
  const { Mountpoint } = await volumes.verbs.inspect('target')
  const list = (cwd: string) =>
    execFileSync('sh', ['-c', 'stat -c "%n %F %u:%g %a %h" . * && readlink link'], { cwd, encoding: 'utf8' })
  assert.equal(list(Mountpoint!), list((await volumes.verbs.inspect('source')).Mountpoint!))
  const again = () => volumes.verbs.importTar('target', Readable.from([archive]), { replace: false })
  await assert.rejects(again(), { kind: 'conflict', message: 'import target: the volume holds files already' })
  const cut = volumes.verbs.importTar('target', Readable.from([archive.subarray(0, 700)]), { replace: true })
  await assert.rejects(cut)
  assert.equal(readFileSync(join(Mountpoint!, 'file'), 'utf8'), 'x')
  await assert.rejects(volumes.verbs.importTar('fresh', Readable.from(['no archive']), { replace: false }))
  await assert.rejects(volumes.verbs.inspect('fresh'), { kind: 'not-found' })
  await volumes.verbs.importTar('target', Readable.from([archive]), { replace: true })
})

test('id-mapped: whoever owns the source is the user of the container, both ways', () => {
  const source = join(dir, 'project')
  mkdirSync(source)
  const owners = ['file 1000:1001', 'other 0:0', '. 1000:1001']
  for (const [name, owner] of owners.map(line => line.split(' ')))
    execFileSync('sh', ['-c', `[ -e ${name} ] || echo x >${name}; chown ${owner} ${name}`], { cwd: source })
  const look = 'stat -c "%n %u:%g" file other; echo y >made'
  const seen = (...args: string[]) =>
    berth('run', '--rm', ...args, '-v', `${source}:/p:idmap`, '-w', '/p', 'busybox', 'sh', '-c', look)
  assert.equal(seen(), 'file 0:0\nother 1000:1001')
  assert.equal(statSync(join(source, 'made')).uid, 1000)
  assert.equal(seen('-u', 'app'), 'file 7:7\nother 0:0')
  const one = ['run', '--rm', '-v', `${join(source, 'file')}:/f:idmap,ro`, 'busybox', 'stat', '-c', '%u:%g', '/f']
  assert.equal(berth(...one), '0:0')
  assert.match(lab.docker(['run', '--rm', '-v', '/proc:/p:idmap', 'busybox', 'true']).err, /mount_setattr/)
})

test('labels change on the volume as it is', async () => {
  await volumes.verbs.create({ Name: 'tagged', Labels: { a: '1', b: '2' } })
  assert.deepEqual((await volumes.verbs.relabel('tagged', { a: null, c: '3' })).Labels, { b: '2', c: '3' })
})
