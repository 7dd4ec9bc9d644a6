import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Lab } from './lab.ts'

const lab = new Lab()

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

const run = (...args: string[]) => lab.docker(['run', '--rm', ...args])

test('run prints the output and gives the exit code', () => {
  assert.deepEqual(run('busybox', 'sh', '-c', 'echo out; echo err >&2; exit 3'), {
    code: 3,
    out: 'out\n',
    err: 'err\n',
  })
})

test('an unknown command is 127 and a file that is no program 126', () => {
  const unknown = run('busybox', 'nope')
  assert.equal(unknown.code, 127)
  assert.match(unknown.err, /exec: "nope": executable file not found in \$PATH/)
  assert.equal(run('busybox', '/etc/passwd').code, 126)
})

test('standard input reaches the process and its end ends it', () => {
  assert.deepEqual(lab.docker(['run', '--rm', '-i', 'busybox', 'cat'], 'text\n'), { code: 0, out: 'text\n', err: '' })
})

test('a container keeps its files, its log and its state', () => {
  assert.equal(lab.docker(['create', '--name', 'keeper', 'busybox', 'sh', '-c', 'echo x >>/f; cat /f']).code, 0)
  assert.equal(lab.docker(['start', '-a', 'keeper']).out, 'x\n')
  assert.equal(lab.docker(['start', '-a', 'keeper']).out, 'x\nx\n')
  assert.equal(lab.docker(['logs', 'keeper']).out, 'x\nx\nx\n')
  assert.equal(lab.docker(['logs', '--tail', '1', 'keeper']).out, 'x\n')
  assert.match(lab.docker(['ps', '-a', '--filter', 'name=keeper', '--format', '{{.Status}}']).out, /^Exited \(0\)/)
  assert.match(lab.docker(['diff', 'keeper']).out, /^A \/f$/m)
  assert.equal(lab.docker(['rm', 'keeper']).out, 'keeper\n')
  assert.match(lab.docker(['inspect', 'keeper']).err, /No such/i)
})

test('clients at once get each their own output and nothing else', async () => {
  const host = `unix://${lab.socket}`
  const one = (word: string) =>
    promisify(execFile)(lab.client, ['-H', host, 'run', '--rm', 'busybox', 'echo', word], { timeout: 30_000 })
  const words = Array.from({ length: 30 }, (_, i) => `word ${i}`)
  const outs = await Promise.all(words.map(async word => (await one(word)).stdout))
  assert.deepEqual(
    outs,
    words.map(word => `${word}\n`),
  )
})

test('exec runs in the container, with its exit code and user', () => {
  lab.docker(['run', '-d', '--name', 'host', 'busybox', 'sleep', '600'])
  assert.deepEqual(lab.docker(['exec', 'host', 'sh', '-c', 'echo hi; exit 5']), { code: 5, out: 'hi\n', err: '' })
  assert.match(lab.docker(['exec', '-u', 'app', 'host', 'id']).out, /uid=7/)
  assert.equal(lab.docker(['pause', 'host']).code, 0)
  assert.match(lab.docker(['exec', 'host', 'true']).err, /is paused/)
  assert.equal(lab.docker(['unpause', 'host']).code, 0)
  assert.equal(lab.docker(['rm', '-f', 'host']).code, 0)
})

test('limits hold: memory, processes, processors', () => {
  const limit = run(
    '-m',
    '32m',
    '--pids-limit',
    '50',
    'busybox',
    'sh',
    '-c',
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null',
  )
  assert.equal(limit.out.trim(), String(32 << 20))
  assert.match(lab.docker(['run', '-m', '1m', 'busybox']).err, /Minimum memory limit allowed is 6MB/)
})

test('volumes are filled from the image, binds and tmpfs are mounted', () => {
  assert.equal(run('-v', 'filled:/data', 'busybox', 'cat', '/data/file').out, 'kept\n')
  assert.equal(
    run('-v', `${lab.dir}:/host:ro`, 'busybox', 'sh', '-c', 'touch /host/x || echo refused').out,
    'refused\n',
  )
  assert.match(run('--tmpfs', '/t', 'busybox', 'mount').out, /tmpfs on \/t type tmpfs/)
  assert.equal(lab.docker(['volume', 'rm', 'filled']).code, 0)
})

test('a published port answers from the host', () => {
  lab.docker(['run', '-d', '--name', 'web', '-p', '18080:80', 'busybox', 'httpd', '-f', '-p', '80', '-h', '/data'])
  const answer = lab.inside('curl', [
    '-s',
    '--retry',
    '5',
    '--retry-connrefused',
    '--max-time',
    '5',
    'http://127.0.0.1:18080/file',
  ])
  assert.equal(answer, 'kept\n')
  assert.match(
    lab.docker(['run', '--rm', '-p', '18080:80', 'busybox', 'true']).err,
    /port is already allocated|address already in use/,
  )
  lab.docker(['rm', '-f', 'web'])
})

test('containers outlive a kill -9 of the engine, and their end is known afterwards', async () => {
  lab.docker([
    'run',
    '-d',
    '--name',
    'alive',
    'busybox',
    'sh',
    '-c',
    'i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done',
  ])
  lab.docker(['run', '-d', '--name', 'short', 'busybox', 'sh', '-c', 'sleep 1; exit 9'])
  await lab.kill()
  await new Promise(resolve => setTimeout(resolve, 1500))
  await lab.start()
  assert.equal(lab.docker(['inspect', '-f', '{{.State.Running}}', 'alive']).out, 'true\n')
  assert.equal(lab.docker(['inspect', '-f', '{{.State.ExitCode}}', 'short']).out, '9\n')
  const lines = lab.docker(['logs', 'alive']).out.trim().split('\n').map(Number)
  assert.ok(lines.length > 15)
  assert.deepEqual(
    lines,
    lines.map((_, i) => i + 1),
  )
  assert.equal(lab.docker(['exec', 'alive', 'echo', 'ok']).out, 'ok\n')
  lab.docker(['rm', '-f', 'alive', 'short'])
})

test('--rm leaves no record, mount, interface or control group', () => {
  assert.equal(lab.docker(['ps', '-aq']).out, '')
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(lab.dir))
  assert.doesNotMatch(lab.inside('ip', ['-o', 'link']), /veth/)
})

test('containers of one network find each other by name and alias', () => {
  lab.docker(['network', 'create', 'lan'])
  lab.docker(['run', '-d', '--name', 'db', '--network', 'lan', '--network-alias', 'store', 'busybox', 'sleep', '60'])
  for (const name of ['db', 'store', 'db.lan']) {
    assert.match(run('--network', 'lan', 'busybox', 'nslookup', name, '127.0.0.11').out, /Address.*172\./)
  }
  assert.equal(lab.docker(['rm', '-f', 'db']).code, 0)
  assert.equal(lab.docker(['network', 'rm', 'lan']).code, 0)
})

test('a Dockerfile is built by the classic endpoint, and again from the cache', () => {
  const dir = join(lab.dir, 'context')
  mkdirSync(dir)
  writeFileSync(join(dir, 'greeting'), 'hello\n')
  writeFileSync(
    join(dir, 'Dockerfile'),
    'FROM busybox\nCOPY greeting /greeting\nRUN cat /greeting >/copy && id -u\nCMD ["cat", "/copy"]\n',
  )
  const tar = execFileSync('tar', ['-C', dir, '-c', '.'])
  const build = () =>
    execFileSync(
      'curl',
      [
        '-sS',
        '--max-time',
        '60',
        '--unix-socket',
        lab.socket,
        '-X',
        'POST',
        '-H',
        'Content-Type: application/x-tar',
        '--data-binary',
        '@-',
        'http://d/build?t=built',
      ],
      { input: tar, encoding: 'utf8' },
    )
  assert.match(build(), /Successfully tagged built:latest/)
  assert.match(build(), /Using cache/)
  assert.equal(run('built').out, 'hello\n')
})

test('wrong requests get Docker’s words', () => {
  assert.match(lab.docker(['create', '--pull=never', 'no-such-image']).err, /No such image: no-such-image:latest/)
  lab.docker(['create', '--name', 'taken', 'busybox'])
  assert.match(
    lab.docker(['create', '--name', 'taken', 'busybox']).err,
    /Conflict\. The container name "\/taken" is already in use/,
  )
  assert.match(lab.docker(['rm', 'nothing-here']).err, /No such container: nothing-here/)
  lab.docker(['rm', 'taken'])
})
