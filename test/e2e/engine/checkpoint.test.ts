import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab, type Outcome } from './lab.ts'

const dir = mkdtempSync('/var/tmp/berth-checkpoint-')
const runc = ['/usr/sbin/runc', '/usr/bin/runc'].find(existsSync)
/** Saves and restores nothing, so that what stands around it is tried where CRIU does not work. */
const standIn = `#!/bin/sh
echo "$@" >>${dir}/calls
for last; do :; done
case " $* " in
*' checkpoint '*) case $* in *cannot*) echo '{"level":"error","msg":"criu failed: type DUMP"}' >${dir}/log; exit 1;; esac
  image=$(echo " $*" | sed 's/.*--image-path \\([^ ]*\\).*/\\1/'); echo saved >"$image/pages.img"
  case $* in *--leave-running*) ;; *) exec ${runc} --root "$2" kill "$last" KILL ;; esac ;;
*' restore '*) args=$(echo " $*" | sed 's/ restore / run /; s/ --image-path [^ ]*//; s/ --work-path [^ ]*//'); exec ${runc} $args ;;
*) exec ${runc} "$@" ;;
esac
`
const skip = runc ? false : 'no runc'
const criuWorks = spawnSync('criu', ['check']).status === 0
const lab = new Lab(['--experimental', '--add-runtime', `stand-in=${join(dir, 'runtime')}`])
const docker = (...args: string[]) => lab.docker(args)
const text = ({ err }: Outcome) => err.split('\n')[0]!.replace(/^(docker: )?Error response from daemon: /, '')
const counting = ['busybox', 'sh', '-c', 'i=0; while sleep 0.2; do echo $i; i=$((i+1)); done']

before(async () => {
  if (skip) return
  writeFileSync(join(dir, 'runtime'), standIn, { mode: 0o755 })
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

test('a checkpoint is made, listed, gone on from and removed', { skip }, () => {
  docker('run', '-d', '--name', 'one', '--runtime', 'stand-in', ...counting)
  assert.equal(docker('checkpoint', 'create', '--leave-running', 'one', 'first').out, 'first\n')
  assert.equal(docker('inspect', '-f', '{{.State.Status}}', 'one').out, 'running\n')
  assert.equal(
    text(docker('checkpoint', 'create', 'one', 'first')),
    'cannot checkpoint container one: checkpoint with name first already exists for container one',
  )
  assert.equal(docker('checkpoint', 'create', 'one', 'second').code, 0)
  // it has ended when the client hears of it: the next command may start it
  assert.equal(docker('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'one').out, 'exited 137\n')
  assert.equal(docker('checkpoint', 'ls', 'one').out, 'CHECKPOINT NAME\nfirst\nsecond\n')
  assert.equal(docker('start', '--checkpoint', 'second', 'one').code, 0)
  assert.equal(docker('inspect', '-f', '{{.State.Status}}', 'one').out, 'running\n')
  assert.match(readFileSync(join(dir, 'calls'), 'utf8'), / restore --image-path \S+\/checkpoints\/second /)
  assert.equal(docker('checkpoint', 'rm', 'one', 'second').code, 0)
  assert.equal(docker('checkpoint', 'ls', 'one').out, 'CHECKPOINT NAME\nfirst\n')
  const actions = docker(
    'events',
    '--since',
    '1h',
    '--until',
    `${Date.now() / 1000}`,
    '-f',
    'container=one',
    '--format',
    '{{.Action}}',
  ).out
  assert.match(actions, /^create\nstart\ncheckpoint\n(checkpoint\ndie|die\ncheckpoint)\nstart\n$/)
  assert.equal(docker('rm', '-f', 'one').code, 0)
  assert.deepEqual(readdirSync(join(lab.dir, 'data/containers')), [])
})

test('checkpoints may be kept elsewhere, but not gone on from there', { skip }, () => {
  docker('run', '-d', '--name', 'two', '--runtime', 'stand-in', ...counting)
  assert.equal(docker('checkpoint', 'create', '--checkpoint-dir', join(dir, 'own'), 'two', 'far').code, 0)
  assert.equal(docker('checkpoint', 'ls', '--checkpoint-dir', join(dir, 'own'), 'two').out, 'CHECKPOINT NAME\nfar\n')
  assert.equal(docker('checkpoint', 'ls', 'two').out, 'CHECKPOINT NAME\n')
  const start = docker('start', '--checkpoint', 'far', '--checkpoint-dir', join(dir, 'own'), 'two')
  assert.equal(text(start), 'custom checkpointdir is not supported')
  assert.equal(docker('checkpoint', 'rm', '--checkpoint-dir', join(dir, 'own'), 'two', 'far').code, 0)
  assert.deepEqual(readdirSync(join(dir, 'own')), [])
  docker('rm', '-f', 'two')
})

test('what cannot be is refused in Docker’s words, and leaves nothing', { skip }, () => {
  docker('run', '-d', '--name', 'runs', '--runtime', 'stand-in', ...counting)
  docker('create', '--name', 'made', 'busybox')
  const id = docker('inspect', '-f', '{{.Id}}', 'made').out.trim()
  const cases = [
    [['checkpoint', 'create', 'made', 'one'], `container ${id} is not running`],
    [
      ['checkpoint', 'create', 'runs', 'b/d'],
      'Invalid checkpoint ID (b/d), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
    ],
    [['checkpoint', 'create', 'nobody', 'one'], 'No such container: nobody'],
    [['checkpoint', 'rm', 'runs', 'none'], 'checkpoint none does not exist for container runs'],
    [['start', '--checkpoint', 'none', 'made'], 'checkpoint none does not exist for container /made'],
    [
      ['checkpoint', 'ls', '--checkpoint-dir', join(dir, 'none'), 'runs'],
      'checkpoint  does not exist for container runs',
    ],
  ] as const
  for (const [args, words] of cases) assert.equal(text(docker(...args)), words)
  const away = `http://d/containers/runs/checkpoints/${encodeURIComponent(`../../${id}`)}`
  const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-X', 'DELETE', '--unix-socket', lab.socket, away]
  const climbing = spawnSync('curl', args, { encoding: 'utf8' })
  assert.match(climbing.stdout, /^(301|400)$/) // a path that is not tidy is sent elsewhere
  assert.ok(existsSync(join(lab.dir, 'data/containers', id)), 'no name leads out of the checkpoints')
  assert.match(text(docker('checkpoint', 'create', 'runs', 'cannot')), /^Cannot checkpoint container runs: /)
  assert.equal(docker('checkpoint', 'ls', 'runs').out, 'CHECKPOINT NAME\n')
  assert.equal(docker('inspect', '-f', '{{.State.Status}}', 'runs').out, 'running\n')
  docker('rm', '-f', 'runs', 'made')
})

const noCriu = skip || (criuWorks ? false : 'CRIU does not work on this kernel')
for (const terminal of [[], ['-t']])
  test(`with CRIU, a container ${terminal.length > 0 ? 'on a terminal ' : ''}goes on where it was`, {
    skip: noCriu,
  }, async () => {
    docker('run', '-d', ...terminal, '--name', 'count', ...counting)
    for (let i = 0; i < 100 && docker('logs', 'count').out.length < 10; i++) await delay(200)
    const made = docker('checkpoint', 'create', 'count', 'now')
    assert.equal(made.code, 0, made.err)
    const before = docker('logs', 'count').out.trim().split('\n').map(Number)
    const started = docker('start', '--checkpoint', 'now', 'count')
    assert.equal(started.code, 0, started.err)
    const lengthBefore = docker('logs', 'count').out.length
    for (let i = 0; i < 100 && docker('logs', 'count').out.length < lengthBefore + 10; i++) await delay(200)
    const numbers = docker('logs', 'count').out.trim().split('\n').map(Number)
    assert.ok(numbers.length > before.length)
    assert.deepEqual(numbers, [...numbers.keys()]) // it never began anew
    assert.equal(docker('stop', '-t', '1', 'count').code, 0)
    docker('rm', 'count')
  })

test('where CRIU does not work, the runtime’s own words are shown', {
  skip: skip || (criuWorks && 'CRIU works'),
}, () => {
  docker('run', '-d', '--name', 'stays', '--runtime', 'runc', ...counting)
  assert.match(
    text(docker('checkpoint', 'create', 'stays', 'now')),
    /^Cannot checkpoint container stays: runc did not terminate successfully: exit status 1: .*criu/,
  )
  assert.equal(docker('inspect', '-f', '{{.State.Status}}', 'stays').out, 'running\n')
  docker('rm', '-f', 'stays')
})
