import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from '../engine/lab.ts'

const lab = new Lab()
const rounds = Number(process.env.CRASH_ROUNDS ?? 3)
let seed = Number(process.env.SEED ?? 11)

/** The same numbers for the same seed. */
function random(limit: number): number {
  seed = (seed * 1103515245 + 12345) % 2 ** 31
  return seed % limit
}

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

const ok = (...args: string[]): string => {
  const { code, err, out } = lab.docker(args)
  assert.equal(code, 0, `${args.join(' ')}: ${err}`)
  return out.trim()
}

/** Resolves when the request is over, whichever engine it came to. */
async function send(method: string, path: string, body?: object): Promise<void> {
  const data = body ? ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)] : []
  const args = ['-s', '--max-time', '5', '-X', method, ...data, '--unix-socket', lab.socket, `http://d${path}`]
  await once(spawn('curl', args, { stdio: 'ignore' }), 'exit')
}

async function killDuring(body: () => Promise<void>): Promise<void> {
  const over = body()
  await delay(2 + random(40))
  await lab.kill()
  await lab.start()
  await over
}

const links = (): readonly string[] =>
  JSON.parse(lab.inside('ip', ['-j', 'link']))
    .map(({ ifname }: { ifname: string }) => ifname)
    .filter((name: string) => /^(br-|veth)/.test(name))

/** Links of a container that has ended go a moment later. */
async function settle(count: number): Promise<void> {
  for (let i = 0; i < 40 && links().length !== count; i++) await delay(50)
  assert.equal(links().length, count, links().join(' '))
}

test('kill -9 in the middle of network create and rm: it is there whole or not at all', async () => {
  for (let i = 0; i < rounds; i++) {
    await killDuring(() => send('POST', '/networks/create', { Name: 'n', EnableIPv6: true }))
    if (lab.docker(['network', 'inspect', 'n']).code !== 0) ok('network', 'create', 'n')
    assert.equal(ok('run', '--rm', '--network', 'n', 'busybox', 'sh', '-c', 'ip route | grep -c default'), '1')
    await settle(1)
    await killDuring(() => send('DELETE', '/networks/n'))
    if (lab.docker(['network', 'inspect', 'n']).code === 0) ok('network', 'rm', 'n')
    await settle(0)
  }
})

test('kill -9 in the middle of connect and disconnect: the container keeps its first network, and can do it again', async () => {
  for (const name of ['a', 'b']) ok('network', 'create', name)
  ok('run', '-d', '--init', '--name', 'mover', '--network', 'a', '-p', '8701:80', 'busybox', 'sleep', '1000')
  for (let i = 0; i < rounds; i++) {
    for (const verb of ['connect', 'disconnect']) {
      await killDuring(() => send('POST', `/networks/b/${verb}`, { Container: 'mover' }))
      const inside = ok('exec', 'mover', 'sh', '-c', 'ls /sys/class/net | grep -c eth')
      const known = ok('inspect', '-f', '{{len .NetworkSettings.Networks}}', 'mover')
      assert.equal(inside, known, `${verb}: what inspect says is so`)
      if (verb === 'connect' && known === '1') ok('network', 'connect', 'b', 'mover')
      if (verb === 'disconnect' && known === '2') ok('network', 'disconnect', 'b', 'mover')
      assert.equal(ok('port', 'mover', '80/tcp'), '0.0.0.0:8701\n[::]:8701')
    }
  }
  ok('rm', '-f', 'mover')
  for (const name of ['a', 'b']) ok('network', 'rm', name)
  await settle(0)
})

test('kill -9 in the middle of volume verbs: copies, renames and removals are whole', async () => {
  const write = 'for i in $(seq 300); do echo $i >/v/$i; done'
  ok('run', '--rm', '-v', 'one:/v', 'busybox', 'sh', '-c', write)
  const isThere = (name: string) => lab.docker(['volume', 'inspect', name]).code === 0
  const count = (name: string) => ok('run', '--rm', '-v', `${name}:/v`, 'busybox', 'sh', '-c', 'ls /v | wc -l')
  let name = 'one'
  for (let i = 0; i < rounds; i++) {
    await killDuring(() => send('POST', `/volumes/${name}/copy`, { Name: 'copy' }))
    if (isThere('copy')) {
      assert.equal(count('copy'), '300')
      ok('volume', 'rm', 'copy')
    }
    const other = name === 'one' ? 'two' : 'one'
    await killDuring(() => send('POST', `/volumes/${name}/rename?name=${other}`))
    assert.notEqual(isThere(name), isThere(other), 'one name, not two')
    if (isThere(other)) name = other
    assert.equal(count(name), '300')
    ok('create', '--name', 'user', '-v', `${name}:/v`, 'busybox')
    await killDuring(() => send('DELETE', `/volumes/${name}?force=1`))
    assert.equal(count(name), '300', 'a volume in use stays')
    ok('rm', 'user')
  }
  ok('volume', 'rm', name)
  await delay(200)
  assert.deepEqual(readdirSync(join(lab.dir, 'data/volumes')), [])
})
