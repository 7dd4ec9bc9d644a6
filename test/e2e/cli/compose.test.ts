import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { servicesTree } from '../../suites/debian-tree.ts'
import { busyboxTar, Lab } from '../engine/lab.ts'

const root = resolve(import.meta.dirname, '../../..')
const plugins = ['/usr/libexec/docker/cli-plugins', '/var/tmp/peer-dockerd/root/usr/libexec/docker/cli-plugins']
const has = (plugin: string) => plugins.some(dir => existsSync(join(dir, plugin)))
const skip =
  servicesTree.lacks ||
  (has('docker-compose') && has('docker-buildx') ? false : "needs Docker's compose and buildx plugins")

const lab = new Lab()
const place = mkdtempSync('/var/tmp/berth-compose-')

/** As a user would, in the folder of an example. */
function compose(example: string, ...args: readonly string[]): string {
  const env = { ...process.env, DOCKER_HOST: `unix://${lab.socket}`, DOCKER_CONFIG: place, NO_COLOR: '1' }
  const cwd = join(root, 'examples', example)
  const options = { cwd, env, timeout: 90_000, killSignal: 'SIGKILL', encoding: 'utf8' } as const
  const done = spawnSync(join(root, 'bin/berth'), ['compose', ...args], options)
  assert.equal(done.status, 0, `${args.join(' ')}: ${done.stderr}`)
  return done.stdout
}

interface Service {
  readonly Service: string
  readonly State: string
  readonly Health: string
}
const services = (example: string): readonly Service[] =>
  compose(example, 'ps', '-a', '--format', 'json')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Service)
    .sort((a, b) => (a.Service < b.Service ? -1 : 1))

const get = (port: number) => lab.inside('curl', ['-fs', '--max-time', '5', `http://127.0.0.1:${port}/`])

/** `look` again until it finds what there soon will be. */
async function sees(look: () => string, wanted: RegExp): Promise<void> {
  for (let i = 0; i < 40 && !wanted.test(look()); i++) await delay(250)
  assert.match(look(), wanted)
}

before(async () => {
  if (skip) return
  writeFileSync(join(place, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: plugins.filter(existsSync) }))
  mkdirSync(join(place, 'empty'))
  servicesTree.make()
  await lab.start()
  assert.equal(lab.docker(['import', '-', 'busybox'], busyboxTar()).code, 0)
  const pack = `tar -C ${servicesTree.path} --exclude=./proc/* --exclude=./sys/* --exclude=./dev/* --exclude=./var/cache/* --exclude=./usr/share/doc/* -c .`
  const command = `'CMD ["redis-server","--protected-mode","no","--dir","/data"]'`
  const load = `${pack} | ${lab.client} -H unix://${lab.socket} import -c ${command} - redis:7`
  execFileSync('sh', ['-c', load], { stdio: 'ignore', timeout: 120_000 })
})
after(async () => {
  if (!skip) await lab[Symbol.asyncDispose]()
  rmSync(place, { recursive: true, force: true })
})

const states = (example: string) =>
  services(example).map(({ Service, State, Health }) => `${Service} ${State} ${Health}`)

test('counter: a page, redis and a worker that wait for each other', { skip }, async () => {
  compose('counter', 'up', '-d', '--wait')
  await sees(() => get(8700), /hits: \d+/)
  assert.deepEqual(
    states('counter').map(each => each.trim()),
    ['store running healthy', 'web running', 'worker running healthy'],
  )
  compose('counter', 'restart', 'store')
  assert.match(compose('counter', 'exec', '-T', 'store', 'redis-cli', 'ping'), /PONG/)
  compose('counter', 'down', '-v', '-t', '1')
  assert.equal(lab.docker(['volume', 'ls', '-q', '--filter', 'name=counter']).out, '')
})

test('profiles: a service that starts only when it is asked for', { skip }, async () => {
  compose('profiles', 'up', '-d')
  assert.deepEqual(
    states('profiles').map(each => each.trim()),
    ['app running'],
  )
  compose('profiles', '--profile', 'debug', 'up', '-d')
  assert.equal(services('profiles').length, 2)
  await sees(() => compose('profiles', '--profile', 'debug', 'logs', '--no-log-prefix', 'debug'), /looking at app/)
  compose('profiles', '--profile', 'debug', 'down', '-t', '1')
})

test('secrets: files and variables come from where the project says', { skip }, async () => {
  compose('secrets', 'up', '-d')
  const logs = () => compose('secrets', 'logs', '--no-log-prefix', 'reader')
  await sees(logs, /not-so-secret\nhello from a config\nsomebody from a file/)
  compose('secrets', 'down', '-t', '1')
})

test('build: images are made on the way', { skip }, async () => {
  compose('build', 'up', '-d', '--build')
  await sees(() => get(8701), /<h1>built by compose<\/h1>/)
  compose('build', 'down', '-t', '1', '--rmi', 'local')
  assert.equal(lab.docker(['images', '-q', 'build-site']).out, '')
})

test('scale: replicas answer behind one name', { skip }, async () => {
  compose('scale', 'up', '-d', '--wait')
  const seen = () => new Set(compose('scale', 'logs', '--no-log-prefix', 'front').match(/^[0-9a-f]{12}$/gm))
  for (let i = 0; i < 20 && seen().size < 2; i++) await new Promise(done => setTimeout(done, 500))
  assert.ok(seen().size >= 2)
  compose('scale', 'up', '-d', '--scale', 'worker=1')
  assert.equal(services('scale').filter(({ Service }) => Service === 'worker').length, 1)
  assert.equal(compose('scale', 'config', '--services').trim().split('\n').length, 2)
  compose('scale', 'down', '-t', '1')
})
