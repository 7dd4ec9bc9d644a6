import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Lab } from '../engine/lab.ts'

// Not among the project's packages: there are hundreds below them, and only this test wants them.
const packages = ['dockerode@5', 'testcontainers@12']
const here = import.meta.dirname
const place = mkdtempSync('/var/tmp/berth-sdk-')
const lab = new Lab()
const env = () => ({
  ...process.env,
  DOCKER_HOST: `unix://${lab.socket}`,
  SOCKET: lab.socket,
  IMAGE: 'busybox:latest',
  MODULES: place,
  CONTEXT: join(place, 'context'),
  TESTCONTAINERS_RYUK_DISABLED: 'true',
})

/** Where the engine's ports are. */
function run(command: string, ...args: readonly string[]): void {
  const options = { env: env(), timeout: 100_000, killSignal: 'SIGKILL', encoding: 'utf8' } as const
  const done = spawnSync('nsenter', [`--net=/run/netns/${lab.netns}`, command, ...args], options)
  assert.equal(done.stdout.trim().split('\n').at(-1), 'ok', done.stderr.slice(-2000))
}

const hasPython = spawnSync('python3', ['-c', 'import docker']).status === 0
let hasPackages = false

before(async () => {
  mkdirSync(join(place, 'context'))
  writeFileSync(join(place, 'context/Dockerfile'), 'FROM busybox\nRUN echo x > /y\n')
  writeFileSync(join(place, 'package.json'), '{"private":true}')
  const args = ['install', '--no-audit', '--no-fund', '--silent', '--no-save', '--ignore-scripts', ...packages]
  hasPackages = spawnSync('npm', args, { cwd: place, timeout: 120_000 }).status === 0
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  rmSync(place, { recursive: true, force: true })
})

test('docker-py', { skip: !hasPython && 'needs python3-docker' }, () => run('python3', join(here, 'docker_py.py')))

test('dockerode', t =>
  hasPackages ? run(process.execPath, join(here, 'dockerode.mjs')) : t.skip('npm is out of reach'))

test('Testcontainers', t =>
  hasPackages ? run(process.execPath, join(here, 'testcontainers.mjs')) : t.skip('npm is out of reach'))
