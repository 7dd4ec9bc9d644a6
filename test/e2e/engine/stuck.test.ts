import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from './lab.ts'

const dir = mkdtempSync('/var/tmp/berth-stuck-')
const runc = ['/usr/sbin/runc', '/usr/bin/runc', '/usr/bin/crun'].find(existsSync)
/** A runtime that never comes back from the verbs named in a file. */
const stuckRuntime = `#!/bin/sh
for word; do grep -qx -- "$word" ${dir}/stuck && { echo $$ >>${dir}/pids; exec sleep 1000; }; done
exec ${runc} "$@"
`
const lab = new Lab(['--add-runtime', `stuck=${join(dir, 'runtime')}`])
const docker = (...args: string[]) => lab.docker(args)
const stickAt = (...verbs: string[]) => writeFileSync(join(dir, 'stuck'), verbs.map(verb => `${verb}\n`).join(''))
const hanging: ChildProcess[] = []
const inBackground = (...args: string[]) =>
  hanging.push(spawn(lab.client, ['-H', `unix://${lab.socket}`, ...args], { stdio: 'ignore' }))

function call(method: string, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const start = performance.now()
  const asked = request({ socketPath: lab.socket, method, path: `/v1.51${path}`, agent: false }, answer => {
    answer.resume().on('end', () => {
      if ((answer.statusCode ?? 500) >= 400) reject(new Error(`${path}: ${answer.statusCode}`))
      else resolve(performance.now() - start)
    })
  })
  asked.on('error', reject)
  asked.setTimeout(10_000, () => asked.destroy(new Error(`${path} took more than ten seconds`)))
  asked.end()
  return promise
}

async function median(paths: readonly string[], method = 'GET'): Promise<number> {
  const times: number[] = []
  for (const path of paths) times.push(await call(method, path))
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!
}

const others = Array.from({ length: 7 }, (_, i) => `other${i}`)
const limitMillis = 100

/** What the issue promises, each by the median of seven. */
async function checkOthers(stuck: string): Promise<void> {
  const seven = (path: string) => others.map(() => path)
  const found = {
    ps: await median(seven('/containers/json?all=1')),
    inspect: await median(others.map(name => `/containers/${name}/json`)),
    'inspect of the stuck one': await median(seven(`/containers/${stuck}/json`)),
    top: await median(others.map(name => `/containers/${name}/top`)),
    stop: await median(
      others.map(name => `/containers/${name}/stop`),
      'POST',
    ),
  }
  for (const [what, millis] of Object.entries(found))
    assert.ok(millis < limitMillis, `${what} took ${Math.round(millis)} ms beside ${stuck}`)
  for (const name of others) await call('POST', `/containers/${name}/start`)
}

before(async () => {
  writeFileSync(join(dir, 'runtime'), stuckRuntime, { mode: 0o755 })
  stickAt()
  await lab.start()
  lab.importBusybox()
  for (const name of others) docker('run', '-d', '--stop-signal', 'KILL', '--name', name, 'busybox', 'sleep', '1000')
})
after(async () => {
  stickAt()
  for (const child of hanging) child.kill('SIGKILL')
  for (const pid of readFileSync(join(dir, 'pids'), 'utf8').trim().split('\n')) process.kill(Number(pid), 'SIGKILL')
  await lab[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

test('a paused container holds up nobody', async () => {
  docker('run', '-d', '--stop-signal', 'KILL', '--name', 'paused', 'busybox', 'sleep', '1000')
  docker('pause', 'paused')
  await checkOthers('paused')
  assert.equal(docker('rm', '-f', 'paused').code, 0)
})

test('a container that no signal reaches holds up nobody', async () => {
  docker('run', '-d', '--name', 'frozen', 'busybox', 'sleep', '1000')
  const pid = docker('inspect', '-f', '{{.State.Pid}}', 'frozen').out.trim()
  freeze(pid, true) // behind the engine's back, as if it waited for a dead disk
  inBackground('rm', '-f', 'frozen')
  inBackground('exec', 'frozen', 'true')
  await delay(300)
  await checkOthers('frozen')
  freeze(pid, false)
})

test('a runtime that does not come back from start, exec or delete holds up nobody', async () => {
  for (const name of ['deletes', 'executes'])
    docker('run', '-d', '--name', name, '--runtime', 'stuck', '--stop-signal', 'KILL', 'busybox', 'sleep', '1000')
  stickAt('run', 'exec', 'delete', 'kill')
  // more than ever run at a time
  for (let i = 0; i < 6; i++) inBackground('run', '--name', `starts${i}`, '--runtime', 'stuck', 'busybox', 'true')
  for (let i = 0; i < 6; i++) inBackground('exec', 'executes', 'true')
  inBackground('rm', '-f', 'deletes')
  for (let i = 0; i < 100 && docker('ps', '-aq', '-f', 'name=starts').out.split('\n').length < 7; i++) await delay(50)
  await delay(2500)
  await checkOthers('executes')
  assert.equal(docker('run', '--rm', 'busybox', 'echo', 'new').out, 'new\n')
  assert.match(docker('inspect', '-f', '{{.State.Status}}', 'starts0').out, /created/)
})

test('an engine that starts again does not wait for a stuck runtime, nor keeps what it starts later', async () => {
  await lab.kill()
  const start = performance.now()
  await lab.start()
  assert.ok(performance.now() - start < 15_000)
  assert.equal(docker('run', '--rm', 'busybox', 'echo', 'new').out, 'new\n')
  await checkOthers('executes')
})

function freeze(pid: string, frozen: boolean): void {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  const v1 = /freezer:(.*)/.exec(groups)?.[1]
  const v2 = /^0::(.*)/m.exec(groups)?.[1]
  if (v1) writeFileSync(`/sys/fs/cgroup/freezer${v1}/freezer.state`, frozen ? 'FROZEN' : 'THAWED')
  else writeFileSync(`/sys/fs/cgroup${v2}/cgroup.freeze`, frozen ? '1' : '0')
}
