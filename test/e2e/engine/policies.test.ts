import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Lab } from './lab.ts'

const lab = new Lab()
const policies = ['always', 'unless-stopped', 'on-failure', 'on-failure:2', 'no']
const nameOf = (what: string, policy: string) => `${what}-${policy.replace(':', '-')}`
const ok = (...args: string[]): string => {
  const { code, out, err } = lab.docker(args)
  assert.equal(code, 0, `${args.join(' ')}: ${err}`)
  return out
}
const inspect = (name: string, format: string) => ok('inspect', '-f', format, name).trim()

/** Per policy: one that runs, one that was stopped by hand and ended with 137, one that was never started. */
before(async () => {
  await lab.start()
  lab.importBusybox()
  for (const policy of policies) {
    for (const what of ['runs', 'stopped'])
      ok(
        'run',
        '-d',
        '--stop-timeout',
        '0',
        '--name',
        nameOf(what, policy),
        '--restart',
        policy,
        'busybox',
        'sleep',
        '900',
      )
    ok('create', '--name', nameOf('new', policy), '--restart', policy, 'busybox', 'true')
  }
  ok('run', '-d', '--name', 'gaveup', '--restart', 'on-failure:1', 'busybox', 'sh', '-c', 'exit 5')
  ok('stop', '-t', '0', ...policies.map(policy => nameOf('stopped', policy)))
})
after(() => lab[Symbol.asyncDispose]())

/** Name, state and number of restarts of each. */
function states(): Readonly<Record<string, string>> {
  const names = ok('ps', '-a', '--format', '{{.Names}}').trim().split('\n')
  const lines = ok('inspect', '-f', '{{.Name}} {{.State.Status}} {{.RestartCount}}', ...names)
    .trim()
    .split('\n')
  return Object.fromEntries(lines.map(line => [line.split(' ')[0]!.slice(1), line.slice(line.indexOf(' ') + 1)]))
}

/** The engine answers before everything runs again. */
async function becomesExpected(): Promise<void> {
  for (let i = 0; i < 50 && !isDeepStrictEqual(states(), expected); i++) await delay(200)
  await delay(300)
  assert.deepEqual(states(), expected)
}

// What dockerd 28.5 does: on-failure asks for the exit code alone, whoever stopped the container.
const expected = {
  gaveup: 'exited 1',
  'new-always': 'created 0',
  'new-no': 'created 0',
  'new-on-failure': 'created 0',
  'new-on-failure-2': 'created 0',
  'new-unless-stopped': 'created 0',
  'runs-always': 'running 0',
  'runs-no': 'exited 0',
  'runs-on-failure': 'running 0',
  'runs-on-failure-2': 'running 0',
  'runs-unless-stopped': 'running 0',
  'stopped-always': 'running 0',
  'stopped-no': 'exited 0',
  'stopped-on-failure': 'running 0',
  'stopped-on-failure-2': 'running 0',
  'stopped-unless-stopped': 'exited 0',
}

test('after an engine that was stopped and started, the policies bring back what Docker’s do', async () => {
  for (let i = 0; i < 50 && states().gaveup !== expected.gaveup; i++) await delay(100)
  const before = inspect('gaveup', '{{.State.StartedAt}}')
  await lab.stop()
  await lab.start()
  await becomesExpected()
  assert.equal(inspect('gaveup', '{{.State.StartedAt}}'), before, 'whose count is used up is not tried again')
})

/** Kills everything at once and forgets what a reboot forgets. */
async function crashMachine(): Promise<void> {
  const ids = ok('ps', '-q').trim().split('\n')
  const pids = ok('inspect', '-f', '{{.State.Pid}}', ...ids)
    .trim()
    .split('\n')
    .map(Number)
  const supervisors = execFileSync('pgrep', ['-f', `berth-supervisor.*${lab.dir}`], { encoding: 'utf8' })
  await lab.kill()
  for (const pid of [...supervisors.trim().split('\n').map(Number), ...pids]) if (pid > 1) process.kill(pid, 'SIGKILL')
  await delay(500)
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' ')[1] ?? '')
  for (const path of mounts.filter(path => path.startsWith(`${lab.dir}/`)).reverse()) spawnSync('umount', ['-l', path])
  rmSync(join(lab.dir, 'exec'), { recursive: true, force: true })
  rmSync(lab.socket, { force: true })
  spawnSync('ip', ['netns', 'del', lab.netns])
}

test('after a reboot, too, and each runs once', async () => {
  ok(
    'stop',
    '-t',
    '0',
    ...['always', 'unless-stopped', 'on-failure', 'on-failure:2']
      .map(p => nameOf('stopped', p))
      .filter(name => name !== 'stopped-unless-stopped'),
  )
  await crashMachine()
  await lab.start()
  await becomesExpected()
  const pids = inspect('runs-always', '{{.State.Pid}}')
  assert.equal(ok('top', 'runs-always', '-o', 'pid').trim().split('\n').at(-1)!.trim(), pids)
})

test('the wait for the next start doubles from 100 ms, and begins anew with a start by hand', async () => {
  ok('run', '-d', '--name', 'fails', '--restart', 'always', 'busybox', 'false')
  await delay(2500)
  const first = Number(inspect('fails', '{{.RestartCount}}'))
  // at 0.1, 0.3, 0.7 and 1.5 s, and what starts take; the one that is waited for counts already
  assert.ok(first >= 4 && first <= 5, `restarts after 2.5 s: ${first}`)
  ok('stop', 'fails')
  ok('start', 'fails')
  await delay(1500)
  const second = Number(inspect('fails', '{{.RestartCount}}'))
  assert.ok(second >= 3 && second <= 5, `restarts after another 1.5 s: ${second}`)
  ok('rm', '-f', 'fails')
})
