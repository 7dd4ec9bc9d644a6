import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from './lab.ts'
import { noTraces, traces } from './traces.ts'

const lab = new Lab()
const rounds = Number(process.env.CRASH_ROUNDS ?? 4)
let seed = Number(process.env.SEED ?? 7)

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

function post(path: string, body?: object): void {
  const data = body ? ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)] : []
  const args = ['-s', '--max-time', '5', '-X', 'POST', ...data, '--unix-socket', lab.socket, `http://d${path}`]
  spawn('curl', args, { stdio: 'ignore' }).unref()
}

/** Sends a request, kills the engine somewhere in the middle of it, and starts the engine again. */
async function killDuring(send: () => void): Promise<void> {
  send()
  await delay(5 + random(60))
  await lab.kill()
  await lab.start()
}

const ok = (args: readonly string[]) => {
  const { code, err } = lab.docker(args)
  assert.equal(code, 0, `${args.join(' ')}: ${err}`)
}

test('kill -9 in the middle of create: a name is taken by a whole container or free', async () => {
  for (let i = 0; i < rounds; i++) {
    const name = `c${i}`
    const body = { Image: 'busybox', Cmd: ['true'], HostConfig: { Binds: [`${name}:/data`] } }
    await killDuring(() => post(`/containers/create?name=${name}`, body))
    if (lab.docker(['container', 'inspect', name]).code !== 0)
      ok(['create', '--name', name, '-v', `${name}:/data`, 'busybox', 'true'])
    ok(['start', '-a', name])
    ok(['rm', name])
  }
})

test('kill -9 in the middle of start: it runs or does not, and can be started', async () => {
  for (let i = 0; i < rounds; i++) {
    ok(['create', '--name', 'starts', '-p', '18099:80', 'busybox', 'sleep', '1000'])
    await killDuring(() => post('/containers/starts/start'))
    ok(['start', 'starts'])
    ok(['exec', 'starts', 'true'])
    ok(['rm', '-f', 'starts'])
  }
})

test('kill -9 in the middle of exec: the container is as before', async () => {
  ok(['run', '-d', '--name', 'execs', 'busybox', 'sleep', '1000'])
  for (let i = 0; i < rounds; i++) {
    await killDuring(() =>
      spawn(lab.client, ['-H', `unix://${lab.socket}`, 'exec', 'execs', 'sleep', '0.1'], { stdio: 'ignore' }),
    )
    ok(['exec', 'execs', 'true'])
  }
  assert.equal(lab.docker(['top', 'execs', '-o', 'pid,args']).out.match(/sleep 1000/g)?.length, 1)
  ok(['rm', '-f', 'execs'])
})

test('kill -9 in the middle of stop and rm: nothing is left when they are done', async () => {
  for (let i = 0; i < rounds; i++) {
    ok(['run', '-d', '--name', 'gone', 'busybox', 'sleep', '1000'])
    await killDuring(() => spawn(lab.client, ['-H', `unix://${lab.socket}`, 'rm', '-f', 'gone'], { stdio: 'ignore' }))
    if (lab.docker(['inspect', 'gone']).code === 0) ok(['rm', '-f', 'gone'])
  }
})

test('kill -9 of the supervisor: containers live on, their output goes on, the exit code is right or unknown', async () => {
  ok([
    'run',
    '-d',
    '--name',
    'orphan',
    'busybox',
    'sh',
    '-c',
    'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo $i; sleep 0.1; done; exit 6',
  ])
  await delay(500)
  const [pid] = lab
    .inside('pgrep', ['-f', `berth-supervisor.*${lab.dir}`])
    .trim()
    .split('\n')
  process.kill(Number(pid), 'SIGKILL')
  await delay(1500)
  assert.equal(lab.docker(['inspect', '-f', '{{.State.Running}}', 'orphan']).out, 'true\n')
  ok(['exec', 'orphan', 'true'])
  assert.match(lab.docker(['wait', 'orphan']).out, /^(6|255)\n$/)
  const lines = lab.docker(['logs', 'orphan']).out.trim().split('\n').map(Number)
  assert.deepEqual(
    lines,
    Array.from({ length: 60 }, (_, i) => i + 1),
  )
  ok(['rm', 'orphan'])
  ok(['run', '--rm', 'busybox', 'true'])
})

test('kill -9 while the engine holds a container still for a commit: it goes on', async () => {
  ok(['run', '-d', '--name', 'writes', 'busybox', 'sh', '-c', 'head -c 300000000 /dev/zero >/big; exec sleep 1000'])
  for (let i = 0; i < 100 && !lab.docker(['top', 'writes']).out.includes('sleep 1000'); i++) await delay(50)
  const status = () => lab.docker(['inspect', '-f', '{{.State.Status}}', 'writes']).out.trim()
  for (let i = 0; i < rounds; i++) {
    post('/commit?container=writes')
    for (let look = 0; look < 40 && status() !== 'paused'; look++) await delay(5)
    assert.equal(status(), 'paused')
    await lab.kill()
    await lab.start()
    assert.equal(status(), 'running')
    ok(['exec', 'writes', 'true'])
  }
  // what the user has paused stays paused
  ok(['pause', 'writes'])
  await lab.kill()
  await lab.start()
  assert.equal(status(), 'paused')
  ok(['rm', '-f', 'writes'])
  ok(['image', 'prune', '-f'])
})

test('afterwards nothing is half there', async () => {
  await delay(500)
  assert.equal(lab.docker(['ps', '-aq']).out, '')
  assert.deepEqual(traces(lab), noTraces)
})
