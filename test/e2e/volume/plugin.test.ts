import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { silentLog } from '../../../src/base/log.ts'
import { Drivers } from '../../../src/volume/drivers.ts'
import { LocalDriver } from '../../../src/volume/local.ts'
import { Lab } from '../engine/lab.ts'
import { VolumePlugin } from './plugin.ts'

const dir = mkdtempSync('/var/tmp/berth-plugin-')
const name = `berth-e2e-${process.pid}`
const socket = `/run/docker/plugins/${name}.sock`
const plugin = new VolumePlugin(join(dir, 'volumes'))
const lab = new Lab()
before(async () => {
  await plugin.listen(socket)
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  await plugin[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
})

const [v1, v2, v3] = [1, 2, 3].map(n => `${name}-${n}`) as [string, string, string]
/** Other engines of this machine find the plugin, too. */
const take = () =>
  plugin.calls
    .splice(0)
    .filter(call => call.includes(name))
    .map(call => call.replace(/"ID":"\w+"/, '"ID":"…"').replaceAll(name, 'v'))
/** Beside this process, which is the plugin. */
async function docker(...args: string[]): Promise<{ out: string; err: string; failed: boolean }> {
  const env = { ...process.env, DOCKER_HOST: `unix://${lab.socket}` }
  const done = promisify(execFile)(lab.client, args, { env, timeout: 30_000 })
  const { stdout, stderr, code } = await done
    .catch(error => error as { stdout: string; stderr: string; code: number })
    .then(result => ({ code: 0, ...result }))
  return { out: stdout.trim(), err: stderr, failed: code !== 0 }
}
const good = async (...args: string[]): Promise<string> => {
  const { failed, err, out } = await docker(...args)
  assert.ok(!failed, err)
  return out
}
const bad = async (...args: string[]): Promise<string> => (await docker(...args)).err

test('a volume of a plugin: made, filled, mounted once a container, let go, removed', async () => {
  await good('volume', 'create', '-d', name, '-o', 'a=b', '--label', 'l=m', v1)
  assert.equal(plugin.headers[0]!.accept, 'application/vnd.docker.plugins.v1.2+json')
  assert.deepEqual(plugin.calls.slice(0, 2), ['/Plugin.Activate', 'Capabilities {}'])
  assert.deepEqual(take(), ['Get {"Name":"v-1"}', 'Create {"Name":"v-1","Opts":{"a":"b"}}', 'Get {"Name":"v-1"}'])
  assert.deepEqual(JSON.parse(await good('volume', 'inspect', '-f', '{{json .}}', v1)), {
    CreatedAt: '2026-01-02T03:04:05Z',
    Driver: name,
    Labels: { l: 'm' },
    Mountpoint: '',
    Name: v1,
    Options: { a: 'b' },
    Scope: 'global',
    Status: { healthy: true },
  })
  take()
  // the image has files at /data, so they go in first
  assert.equal(
    await good('run', '--rm', '-v', `${v1}:/data`, '-v', `${v1}:/twice`, 'busybox', 'ls', '/data', '/twice'),
    '/data:\nfile\n\n/twice:\nfile',
  )
  const moves = take().filter(call => /^(Mount|Unmount)/.test(call))
  assert.deepEqual(moves.slice(0, 2), ['Mount {"Name":"v-1","ID":"…"}', 'Unmount {"Name":"v-1","ID":"…"}'])
  assert.deepEqual(plugin.volumes.get(v1), new Set(), 'nobody holds it')
  assert.equal(readFileSync(join(dir, 'volumes', v1, 'file'), 'utf8'), 'kept\n')
  assert.match(
    await good('volume', 'ls', '--format', '{{.Driver}} {{.Name}}', '--filter', `driver=${name}`),
    new RegExp(`${v1}$`),
  )
  assert.match(
    await bad('volume', 'create', '-d', 'local', v1),
    new RegExp(`driver '${name}' already has volume '${v1}': volume name must be unique`),
  )
  assert.match(await good('info', '-f', '{{json .Plugins.Volume}}'), new RegExp(name))
  await good('volume', 'prune', '-af')
  await good('volume', 'rm', v1)
  assert.equal(plugin.volumes.has(v1), false)
})

test('what a plugin says is wrong reaches the user, and a container ends all the same', async () => {
  plugin.failures.set('Create', 'no room').set('Mount', 'not today').set('Unmount', 'never')
  assert.match(await bad('volume', 'create', '-d', name, v2), new RegExp(`create ${v2}: VolumeDriver.Create: no room`))
  plugin.failures.delete('Create')
  await good('volume', 'create', '-d', name, v2)
  await good('create', '--name', 'c2', '-v', `${v2}:/v`, 'busybox', 'true')
  assert.match(await bad('start', 'c2'), /error while mounting volume '': VolumeDriver.Mount: not today/)
  plugin.failures.delete('Mount')
  await good('start', '-a', 'c2')
  assert.equal(await good('inspect', '-f', '{{.State.Status}}', 'c2'), 'exited')
  plugin.failures.clear()
  await good('rm', 'c2')
  plugin.failures.set('Remove', 'stuck')
  assert.match(await bad('volume', 'rm', v2), new RegExp(`remove ${v2}: VolumeDriver.Remove: stuck`))
  await good('volume', 'rm', '-f', v2)
  plugin.failures.clear()
})

test('after a crash of the engine the plugin hears of a container that ended meanwhile', async () => {
  await good('run', '-d', '--name', 'c3', '--volume-driver', name, '-v', `${v3}:/v`, 'busybox', 'sleep', '1000')
  await good('run', '-d', '--name', 'c4', '-v', `${v3}:/v`, 'busybox', 'sh', '-c', 'sleep 1')
  assert.equal(plugin.volumes.get(v3)!.size, 2)
  await lab.kill()
  await delay(1200)
  await lab.start()
  for (let i = 0; i < 50 && plugin.volumes.get(v3)!.size > 1; i++) await delay(50)
  assert.equal(plugin.volumes.get(v3)!.size, 1, 'the one that ended')
  await good('rm', '-f', 'c3', 'c4')
  assert.equal(plugin.volumes.get(v3)!.size, 0)
  await good('volume', 'rm', v3)
})

test('plugins are found by socket, spec and JSON file, by TCP as well', async () => {
  await using other = await new VolumePlugin(join(dir, 'other')).listen(0)
  const [sockets, specs] = [join(dir, 'sockets'), join(dir, 'specs')]
  for (const place of [sockets, specs, join(specs, 'deep')]) mkdirSync(place)
  await using near = await new VolumePlugin(join(dir, 'near')).listen(join(sockets, 'near/near.sock'))
  writeFileSync(join(specs, 'far.spec'), `tcp://127.0.0.1:${other.port}\n`)
  writeFileSync(join(specs, 'deep/deep.json'), JSON.stringify({ Name: 'deep', Addr: `http://127.0.0.1:${other.port}` }))
  writeFileSync(join(specs, 'dead.spec'), 'tcp://127.0.0.1:1\n')
  const drivers = new Drivers(new LocalDriver(join(dir, 'local')), silentLog, { sockets, specs: [specs] })
  assert.deepEqual(
    (await drivers.plugins()).map(({ name, scope }) => `${name} ${scope}`),
    ['deep global', 'far global', 'near global'],
  )
  await (await drivers.find('near')).create('x1', null)
  assert.deepEqual([...near.volumes.keys()], ['x1'])
  await assert.rejects(drivers.find('none'), {
    kind: 'not-found',
    message: 'error looking up volume plugin none: plugin "none" not found',
  })
  await assert.rejects(drivers.find('../specs/far'), { kind: 'not-found' })
})
