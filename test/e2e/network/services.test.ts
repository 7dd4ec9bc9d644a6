import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { servicesTree } from '../../suites/debian-tree.ts'
import { Lab } from '../engine/lab.ts'
import { hammer } from './load.ts'

/** 20 in the long form: `KILLS=20 node --test test/e2e/network/services.test.ts` */
const kills = Number(process.env.KILLS ?? 2)
const skip = servicesTree.lacks
const lab = new Lab()

before(async () => {
  if (skip) return
  servicesTree.make()
  await lab.start()
  const pack = `tar -C ${servicesTree.path} --exclude=./proc/* --exclude=./sys/* --exclude=./dev/* --exclude=./var/cache/* --exclude=./usr/share/doc/* -c .`
  const load = `${pack} | ${lab.client} -H unix://${lab.socket} import - services`
  execFileSync('sh', ['-c', load], { stdio: 'ignore', timeout: 120_000 })
})
after(async () => {
  if (!skip) await lab[Symbol.asyncDispose]()
})

const docker = (...args: string[]): string => {
  const { code, err, out } = lab.docker(args)
  assert.equal(code, 0, `${args.join(' ')}: ${err}`)
  return out.trim()
}

/** One round after the other: a name by the resolver, a new connection, an answer. */
const client = `while true; do
    n=$(redis-cli -h store incr count) && [ "$n" -gt 0 ] && echo good || echo "bad redis: $n"
    curl -sf -m 2 http://web/ | grep -q nginx && echo good || echo bad nginx
  done 2>&1`

test('Debian’s redis and nginx serve by alias while the engine is killed, and networks come and go', {
  skip,
}, async () => {
  for (const name of ['lane', 'side']) docker('network', 'create', name)
  const run = ['run', '-d', '--network', 'lane']
  docker(
    ...run,
    '--name',
    'r1',
    '--network-alias',
    'store',
    '-v',
    'dump:/var/lib/redis',
    'services',
    'redis-server',
    '--protected-mode',
    'no',
  )
  docker(...run, '--name', 'n1', '--network-alias', 'web', '-p', '8601:80', 'services', 'nginx', '-g', 'daemon off;')
  docker(...run, '--name', 'asker', 'services', 'bash', '-c', client)
  // one connection that lives all the time
  docker(...run, '--name', 'keeper', 'services', 'redis-cli', '-h', 'store', '-r', '-1', '-i', '0.02', 'incr', 'kept')
  const stop = hammer(lab.netns, 8601)
  await delay(1000)
  for (let i = 0; i < kills; i++) {
    await lab.kill()
    await lab.start()
    for (const name of ['asker', 'n1', 'r1']) docker('network', 'connect', 'side', name)
    await delay(100)
    for (const name of ['r1', 'n1', 'asker']) docker('network', 'disconnect', 'side', name)
  }
  const { good, bad } = await stop()
  const asked = docker('logs', 'asker').split('\n')
  const kept = docker('logs', 'keeper').split('\n').map(Number)
  console.log(JSON.stringify({ kills, published: good, byName: asked.length, oneConnection: kept.length }))
  assert.equal(bad, 0)
  assert.ok(good > kills * 20, `${good} requests by the published port`)
  assert.ok(asked.length > kills * 10, `${asked.length} by name`)
  assert.deepEqual(
    asked.filter(line => line !== 'good'),
    [],
  )
  assert.deepEqual(
    kept,
    kept.map((_, i) => i + 1),
    'one connection, nothing lost',
  )
  docker('rm', '-f', 'r1', 'n1', 'asker', 'keeper')
})
