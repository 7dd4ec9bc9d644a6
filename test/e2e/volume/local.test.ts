import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Database } from '../../../src/base/database.ts'
import { silentLog } from '../../../src/base/log.ts'
import { syncFileSystem } from '../../../src/kernel/file-metadata.ts'
import { RootFiles } from '../../../src/snapshot/root-files.ts'
import { WorkerPool } from '../../../src/snapshot/worker-pool.ts'
import { copyUp } from '../../../src/volume/copy-up.ts'
import { openVolumes } from '../../../src/volume/open.ts'
import { noContainers } from '../../../src/volume/volumes.ts'

const dir = mkdtempSync('/var/tmp/berth-vol-')
const files = Object.assign(new RootFiles(new WorkerPool()), { syncAll: syncFileSystem })
const open = () =>
  openVolumes({ db: new Database(join(dir, 'meta.db')), root: dir, log: silentLog, emit: () => {}, files })
const volumes = open()
after(() => rmSync(dir, { recursive: true, force: true }))

test('create is idempotent, lasts, and refuses in the words of Docker', async () => {
  const first = await volumes.verbs.create({ Name: 'data', Labels: { a: 'b' } })
  assert.deepEqual(await volumes.verbs.create({ Name: 'data', Labels: { c: 'd' } }), first)
  assert.deepEqual(await open().containers.find('data'), first)
  assert.equal(statSync(first.Mountpoint!).mode & 0o777, 0o755)
  const refused = [
    [{ Name: 'a' }, 'create a: volume name is too short, names should be at least two alphanumeric characters'],
    [{ Name: 'zz1', DriverOpts: { foo: '1' } }, 'create zz1: invalid option: "foo"'],
    [{ Name: 'zz1', DriverOpts: { type: 'tmpfs' } }, 'create zz1: missing required option: "device"'],
  ] as const
  for (const [request, message] of refused)
    await assert.rejects(volumes.verbs.create(request), { kind: 'invalid', message })
  await assert.rejects(volumes.verbs.inspect('none'), { kind: 'not-found', message: 'get none: no such volume' })
})

test('a volume in use stays; prune takes unused anonymous ones', async () => {
  const { Name } = await volumes.verbs.create({})
  volumes.containers.useContainers({ ...noContainers, usersOf: name => (name === 'data' ? ['c1'] : []) })
  await assert.rejects(volumes.verbs.remove('data', true), {
    kind: 'conflict',
    message: 'remove data: volume is in use - [c1]',
  })
  assert.deepEqual((await volumes.verbs.prune(new Map())).deleted, [Name])
  await volumes.verbs.remove('gone', true)
})

test('options are mounted at first use and unmounted at last', async () => {
  const { Mountpoint } = await volumes.verbs.create({
    Name: 'mem',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,nosuid' },
  })
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter(line => line.includes(` ${Mountpoint} `))
  await volumes.containers.mount('mem', 'c1')
  await volumes.containers.mount('mem', 'c2')
  assert.equal(mounts().length, 1)
  assert.match(mounts()[0]!, /nosuid.* tmpfs .*size=1024k/)
  await volumes.containers.unmount('mem', 'c1')
  assert.equal(mounts().length, 1)
  await volumes.containers.unmount('mem', 'c2')
  assert.equal(mounts().length, 0)
  await volumes.verbs.remove('mem', false)
})

test('copy-up keeps owners, modes, times and attributes, and never leaves the image', async () => {
  const root = join(dir, 'image')
  mkdirSync(join(root, 'var/www/sub'), { recursive: true, mode: 0o750 })
  writeFileSync(join(root, 'var/www/sub/file'), 'hello', { mode: 0o640 })
  spawnSync('setfattr', ['-n', 'user.note', '-v', 'x', join(root, 'var/www/sub/file')])
  chownSync(join(root, 'var/www/sub/file'), 12, 34)
  utimesSync(join(root, 'var/www/sub/file'), 1000, 2000)
  chownSync(join(root, 'var/www'), 5, 6)
  symlinkSync('/var/www', join(root, 'link'))
  symlinkSync('/../../../../../../../etc', join(root, 'evil'))
  const { Mountpoint } = await volumes.verbs.create({ Name: 'copy' })
  await copyUp(async () => Mountpoint!, root, '/evil')
  assert.deepEqual(readdirSync(Mountpoint!), [], 'there is no /etc in the image')
  await copyUp(async () => Mountpoint!, root, '/link')
  const file = statSync(join(Mountpoint!, 'sub/file'))
  assert.deepEqual([file.uid, file.gid, file.mode & 0o777, file.mtimeMs], [12, 34, 0o640, 2_000_000])
  assert.deepEqual(
    [statSync(Mountpoint!).uid, statSync(Mountpoint!).mode & 0o777],
    [5, statSync(join(root, 'var/www')).mode & 0o777],
  )
  writeFileSync(join(root, 'var/www/later'), '')
  await copyUp(async () => Mountpoint!, root, '/var/www')
  assert.deepEqual(readdirSync(Mountpoint!), ['sub'], 'a volume with content is left alone')
})
