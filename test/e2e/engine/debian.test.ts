import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { minimalTree } from '../../suites/debian-tree.ts'
import { Lab } from './lab.ts'

const client = ['/usr/local/bin/docker', '/usr/bin/docker'].find(existsSync)
const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const skip = !client
  ? 'no docker client on this machine'
  : !has('docker-registry')
    ? 'no docker-registry'
    : minimalTree.lacks

const lab = new Lab()
const image = '127.0.0.1:5000/debian'
let registry: ChildProcess

async function startRegistry(): Promise<void> {
  const config = join(lab.dir, 'registry.yml')
  mkdirSync(join(lab.dir, 'registry'))
  writeFileSync(
    config,
    `version: 0.1\nstorage: {filesystem: {rootdirectory: ${join(lab.dir, 'registry')}}}\nhttp: {addr: 127.0.0.1:5000}\n`,
  )
  registry = spawn('nsenter', [`--net=/run/netns/${lab.netns}`, 'docker-registry', 'serve', config], {
    stdio: 'ignore',
  })
  for (let i = 0; i < 100; i++) {
    if (lab.inside('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1:5000/v2/']) === '200')
      return
    await delay(100)
  }
}

const docker = (...args: string[]) => {
  const done = spawnSync(client as string, ['-H', `unix://${lab.socket}`, ...args], {
    encoding: 'utf8',
    timeout: 90_000,
  })
  assert.equal(done.status, 0, `${args.join(' ')}: ${done.stderr}`)
  return done.stdout
}

before(async () => {
  if (skip) return
  minimalTree.make()
  await lab.start()
  await startRegistry()
  const pipe = `tar -C ${minimalTree.path} --exclude=./proc/* --exclude=./sys/* --exclude=./dev/* -c . | ${client} -H unix://${lab.socket} import -c 'CMD ["bash"]' - ${image}`
  execFileSync('sh', ['-c', pipe], { stdio: 'ignore', timeout: 120_000 })
})
after(async () => {
  if (skip) return
  await lab[Symbol.asyncDispose]()
  registry?.kill('SIGKILL')
})

test('Debian, pushed to a registry and pulled again, is the same image', { skip }, () => {
  const pushed = docker('image', 'inspect', '-f', '{{.Id}}', image)
  assert.match(docker('push', '-q', image), /127/)
  docker('rmi', '-f', image)
  docker('pull', '-q', image)
  assert.equal(docker('image', 'inspect', '-f', '{{.Id}}', image), pushed)
})

test('a shell in Debian: apt works, files stay for the next start', { skip }, () => {
  const person = (args: readonly string[], steps: readonly object[]) => {
    const spec = { args: [client, '-H', `unix://${lab.socket}`, ...args], steps, seconds: 60 }
    const program = join(import.meta.dirname, '../cli/terminal.py')
    const done = spawnSync('python3', [program, JSON.stringify(spec)], { timeout: 90_000, encoding: 'utf8' })
    return JSON.parse(done.stdout) as { code: number; out: string }
  }
  const first = person(
    ['run', '-it', '--name', 'deb', image, 'bash'],
    [
      { wait: '#', type: 'apt list 2>/dev/null | head -5; echo en""d\n' },
      { wait: 'end', type: 'echo stays >/root/file; exit\n' },
    ],
  )
  assert.match(first.out, /Listing/)
  assert.equal(first.code, 0)
  const second = person(['start', '-ai', 'deb'], [{ wait: '#', type: 'cat /root/file; exit\n' }])
  assert.match(second.out, /stays/)
  docker('rm', 'deb')
})
