import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { servicesTree } from '../../suites/debian-tree.ts'
import { Lab } from '../engine/lab.ts'

const lab = new Lab()
const outside = `${lab.netns}-out`

before(async () => {
  if (servicesTree.lacks) return
  servicesTree.make()
  await lab.start()
  lab.importBusybox()
  const here = `nsenter --net=/run/netns/${lab.netns} ip`
  const script = `ip netns add ${outside}; ${here} link add out0 type veth peer name eth0 netns ${outside}
    ${here} addr add 10.9.0.1/24 dev out0; ${here} link set out0 up
    ip -n ${outside} addr add 10.9.0.2/24 dev eth0; ip -n ${outside} link set eth0 up`
  execFileSync('sh', ['-ec', script])
  for (const name of ['upper', 'work', 'root']) mkdirSync(join(lab.dir, 'ufw', name), { recursive: true })
})
after(async () => {
  if (servicesTree.lacks) return
  spawnSync('ip', ['netns', 'del', outside])
  await lab[Symbol.asyncDispose]()
})

/** Debian's ufw on the engine's network, with files that nobody else sees. */
function ufw(...args: string[]): void {
  const dir = join(lab.dir, 'ufw')
  const overlay = `lowerdir=${servicesTree.path},upperdir=${dir}/upper,workdir=${dir}/work`
  const script = `mount -t overlay -o ${overlay} none ${dir}/root && mount -t proc proc ${dir}/root/proc && exec chroot ${dir}/root ufw "$@"`
  const inside = [`--net=/run/netns/${lab.netns}`, 'unshare', '-m', 'sh', '-c', script, 'ufw', ...args]
  const { stderr, stdout } = spawnSync('nsenter', inside, { encoding: 'utf8', timeout: 30_000 })
  assert.match(stdout, /(deny|added|deleted|active|updated)/i, `ufw ${args.join(' ')}: ${stdout}${stderr}`)
}

const ask = (): string => {
  const curl = ['netns', 'exec', outside, 'curl', '-s', '-m', '1', '-o', '/dev/null', '-w', '%{http_code}']
  return spawnSync('ip', [...curl, 'http://10.9.0.1:8700/file'], { encoding: 'utf8' }).stdout
}

test('ufw decides who reaches a published port', { skip: servicesTree.lacks }, () => {
  const run = ['run', '-d', '--stop-signal', 'KILL', '--name', 'web', '-p', '8700:80', 'busybox']
  assert.equal(lab.docker([...run, 'httpd', '-f', '-p', '80', '-h', '/data']).code, 0)
  assert.equal(ask(), '200')
  ufw('default', 'deny', 'incoming')
  ufw('--force', 'enable')
  assert.equal(ask(), '000', 'denied as any port of the host')
  ufw('route', 'allow', 'out', 'on', 'berth0')
  assert.equal(ask(), '000', 'a way to containers is no port')
  ufw('allow', '8700/tcp')
  assert.equal(ask(), '200')
  ufw('delete', 'allow', '8700/tcp')
  ufw('allow', 'from', '10.9.0.7', 'to', 'any', 'port', '8700')
  assert.equal(ask(), '000', 'another client is allowed')
  ufw('allow', 'from', '10.9.0.2', 'to', 'any', 'port', '8700')
  assert.equal(ask(), '200', 'the rule sees the client as it is')
  lab.docker(['rm', '-f', 'web'])
})
