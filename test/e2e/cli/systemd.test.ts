import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { debianTree } from '../../suites/debian-tree.ts'
import { Lab } from '../engine/lab.ts'

const root = resolve(import.meta.dirname, '../../..')
const tree = debianTree('/var/cache/berth-debian-systemd', [
  ...['systemd', 'systemd-sysv', 'dbus'],
  ...['crun', 'nftables', 'busybox-static', 'ca-certificates', 'libatomic1', 'procps'],
])
const canMake = spawnSync('sh', ['-c', 'command -v dpkg-deb']).status === 0
const skip = process.getuid?.() !== 0 || !canMake ? 'needs root and dpkg-deb' : tree.lacks

// the machine is a container of ours: an engine within an engine
describe('the Debian package under systemd', { skip, timeout: 900_000 }, () => {
  const lab = new Lab()
  let said = ''

  before(async () => {
    tree.make()
    execFileSync(join(root, 'scripts/build-deb'), { stdio: 'ignore', timeout: 200_000 })
    await lab.start()
    const tar = execFileSync(
      'tar',
      ['-C', tree.path, '--exclude=./proc/*', '--exclude=./sys/*', '--exclude=./dev/*', '-c', '.'],
      {
        maxBuffer: 1 << 30,
      },
    )
    assert.equal(lab.docker(['import', '-c', 'CMD ["/sbin/init"]', '-', 'machine:1'], tar).code, 0)
    const share = join(lab.dir, 'package')
    mkdirSync(share)
    const name = readdirSync(join(root, 'dist')).find(file => file.endsWith('.deb'))!
    copyFileSync(join(root, 'dist', name), join(share, 'berth.deb'))
    const fences =
      '--privileged --cgroupns private -e container=docker --tmpfs /run --tmpfs /run/lock --tmpfs /tmp'.split(' ')
    const more = ['-v', '/var/lib/berth', '-v', `${share}:/package:ro`, '--stop-signal', 'SIGRTMIN+3']
    assert.equal(lab.docker(['run', '-d', '--name', 'machine', ...fences, ...more, 'machine:1']).code, 0)
    for (let i = 0; i < 100; i++) {
      if (/running|degraded/.test(lab.docker(['exec', 'machine', 'systemctl', 'is-system-running']).out)) break
      await delay(200)
    }
    const script = readFileSync(join(import.meta.dirname, 'systemd-inside.sh'), 'utf8')
    said = lab.docker(['exec', '-i', 'machine', 'sh', '-s'], script).out
  })
  after(() => lab[Symbol.asyncDispose]())

  test('its socket is for its group, and starts it', () => {
    assert.match(said, /^socket: 660 berth$/m)
    assert.match(said, /^descriptors: 0 1 2 3$/m)
  })

  test('restart, upgrade, stop, and kill -9 of the supervisor leave containers alone', () => {
    for (const what of ['restart', 'upgrade', 'activation', 'supervisor'])
      assert.match(said, new RegExp(`^${what}: same$`, 'm'), said)
    assert.match(said, /^stopped engine: container runs$/m)
    assert.match(said, /^new container: works$/m)
    assert.match(said, /^supervisors: 1$/m)
    assert.match(said, /^failed units: 0$/m)
  })

  test('purged, it leaves nothing but data', () => {
    assert.doesNotMatch(said, /container runs after the purge/)
    assert.match(said, /^left: *$/m)
  })
})
