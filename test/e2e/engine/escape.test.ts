import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from './lab.ts'

// What is known to have let containers out, tried on ours. docs/security.md says what each one would need.

const lab = new Lab()
const dir = mkdtempSync('/var/tmp/berth-escape-')
const run = (...args: string[]) => lab.docker(['run', '--rm', ...args])

/** An image of the small one with `script` run in it. */
function image(name: string, script: string): void {
  lab.docker(['rm', '-f', 'maker'])
  const made = lab.docker(['run', '--name', 'maker', 'busybox', 'sh', '-c', script])
  assert.equal(made.code, 0, made.err)
  lab.docker(['commit', 'maker', name])
  lab.docker(['rm', 'maker'])
}

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

test('a container has 0, 1 and 2 and no other descriptor, by start and by exec (CVE-2024-21626, CVE-2016-9962)', () => {
  const descriptors = (pid: string) => readdirSync(`/proc/${pid}/fd`).join(' ')
  for (const flags of [[], ['-t'], ['-i']]) {
    lab.docker(['run', '-d', ...flags, '--name', 'fds', 'busybox', 'sleep', '60'])
    lab.docker(['exec', '-d', ...flags, 'fds', 'sleep', '61'])
    const rows = lab.docker(['top', 'fds']).out.trim().split('\n').slice(1)
    assert.equal(rows.length, 2)
    for (const row of rows) assert.equal(descriptors(row.trim().split(/\s+/)[1]!), '0 1 2', row)
    lab.docker(['rm', '-f', 'fds'])
  }
})

test('a working directory cannot be a descriptor of the runtime (CVE-2024-21626)', () => {
  for (let fd = 3; fd < 12; fd++) {
    const { code, out } = run('-w', `/proc/self/fd/${fd}`, 'busybox', 'cat', '../../../../etc/shadow')
    assert.notEqual(code, 0)
    assert.equal(out, '')
  }
  lab.docker(['run', '-d', '--name', 'cwd', 'busybox', 'sleep', '60'])
  for (let fd = 3; fd < 12; fd++)
    assert.notEqual(lab.docker(['exec', '-w', `/proc/self/fd/${fd}`, 'cwd', 'cat', '../../../etc/shadow']).code, 0)
  lab.docker(['rm', '-f', 'cwd'])
})

test('the runtime cannot be overwritten from inside, at start or at exec (CVE-2019-5736)', async () => {
  const runtimes = ['/usr/bin/crun', '/usr/sbin/runc']
  const sums = () => execFileSync('sh', ['-c', `sha256sum ${runtimes.join(' ')} 2>/dev/null; :`], { encoding: 'utf8' })
  const before = sums()
  // whoever execs /proc/self/exe becomes the runtime again; a loop tries to open it for writing all the while
  const script =
    'ln -sf /proc/self/exe /bin/trap; while :; do for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || { echo x >$p/exe; } 2>/dev/null; done; done'
  lab.docker(['run', '-d', '--name', 'trap', 'busybox', 'sh', '-c', script])
  await delay(200)
  for (let i = 0; i < 20; i++) lab.docker(['exec', 'trap', '/bin/trap', '--version'])
  lab.docker(['rm', '-f', 'trap'])
  run('--entrypoint', '/proc/self/exe', 'busybox')
  assert.equal(sums(), before)
})

test('links in an image where the runtime mounts lead nowhere outside (CVE-2019-16884, CVE-2019-19921, CVE-2023-27561)', () => {
  const host =
    statSync('/proc/sys/kernel/core_pattern').isFile() && readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
  for (const [name, script] of [
    ['linked-proc', 'rm -rf /proc 2>/dev/null; mkdir -p /fake; :'],
    ['linked-etc', 'mkdir -p /out; echo bait >/out/hosts; rm -rf /sys 2>/dev/null; :'],
  ] as const)
    image(name, script)
  const tar = join(dir, 'tree')
  mkdirSync(tar)
  execFileSync(
    'sh',
    [
      '-c',
      'mkdir -p bin etc fake/sys/kernel; cp "$(command -v busybox)" bin/; ln -s busybox bin/sh; ln -s busybox bin/cat; ln -s busybox bin/mount; ln -s /fake proc; ln -s /fake sys; ln -s /etc/../../../../../../tmp dev',
    ],
    { cwd: tar },
  )
  lab.docker(['import', '-', 'linked'], execFileSync('tar', ['-C', tar, '-c', '.'], { maxBuffer: 64 << 20 }))
  const { out } = run(
    'linked',
    '/bin/busybox',
    'sh',
    '-c',
    'busybox readlink /proc; echo x >/proc/sys/kernel/core_pattern; busybox head -c 4 /proc/kcore; echo end',
  )
  assert.doesNotMatch(out, /ELF/)
  assert.equal(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), host)
  assert.equal(statSync('/tmp').isDirectory() && readdirSync('/tmp').includes('null'), false)
})

test('links over the files that the engine mounts stay inside', () => {
  const bait = join(dir, 'bait')
  writeFileSync(bait, 'bait')
  image('linked-hosts', `rm -f /etc/hostname; ln -s ${bait} /etc/link; mkdir /vol; ln -s ${dir} /linked`)
  // a volume and a file at places that lead out by a link of the image
  run(
    '-v',
    'escape:/linked/made',
    '-v',
    `${bait}:/etc/link`,
    'linked-hosts',
    'sh',
    '-c',
    'echo pwned >/etc/link.x; touch /linked/made/x; :',
  )
  assert.deepEqual(readdirSync(dir).sort(), ['bait', 'tree'])
  assert.equal(readFileSync(bait, 'utf8'), 'bait')
})

test('masked and read-only paths stay so for whoever has rights inside (CVE-2023-28642)', () => {
  const script =
    'for f in /proc/kcore /proc/keys /proc/timer_list; do head -c1 $f 2>/dev/null | wc -c; done; umount /proc/kcore 2>&1; mount -o remount,rw /proc/sys 2>&1; echo x >/proc/sys/kernel/core_pattern; echo x >/proc/irq/default_smp_affinity; ls /sys/firmware | wc -l'
  const { out, err } = run('busybox', 'sh', '-c', script)
  assert.match(out, /^0\n0\n0\n/)
  assert.match(err, /core_pattern: Read-only file system[\s\S]*smp_affinity: Read-only file system/)
  assert.equal(out.trim().split('\n').at(-1), '0')
})

test('users are looked up in the container’s files, whatever they are', () => {
  const shadow = '/etc/passwd'
  image(
    'linked-users',
    `rm /etc/passwd; ln -s ../../../../../..${shadow} /etc/passwd; mkfifo /etc/pipe; rm /etc/group; ln -s /etc/pipe /etc/group`,
  )
  assert.match(
    run('-u', 'www-data', 'linked-users', 'true').err,
    /unable to find user www-data|no matching entries|too many/i,
  )
  image(
    'odd-users',
    'printf "root:x:0:0::/:/bin/sh\\nbig:x:4294967295:0::/:\\nneg:x:-1:0::/:\\nword:x:abc:def::/:\\nlong:x:12:12:%s:/:\\n\\n:::::\\nok:x:9:9::/:\\n" "$(head -c 100000 /dev/zero | tr "\\0" x)" >/etc/passwd',
  )
  for (const user of ['big', 'neg', 'word']) {
    const { code, out } = run('-u', user, 'odd-users', 'id', '-u')
    assert.ok(code !== 0 || out.trim() !== '0', `${user} became root: ${out}`)
  }
  assert.equal(run('-u', 'ok', 'odd-users', 'id', '-u').out, '9\n')
})

test('links that change all the while do not lead `cp` out, in or out (CVE-2018-15664)', async () => {
  const secret = join(dir, 'secret')
  mkdirSync(secret)
  writeFileSync(join(secret, 'file'), 'of the host')
  const swap = `mkdir -p /w/real${dir}/secret /w/x; echo mine >/w/real/file; while :; do rm -rf /w/p; mkdir /w/p; echo mine >/w/p/file; rm -rf /w/p; ln -s ${secret} /w/p; done`
  lab.docker(['run', '-d', '--name', 'swap', 'busybox', 'sh', '-c', swap])
  await delay(200)
  const into = join(dir, 'in')
  writeFileSync(into, 'from outside')
  for (let i = 0; i < 25; i++) {
    const { out } = lab.docker(['cp', 'swap:/w/p/file', '-'])
    assert.doesNotMatch(out, /of the host/)
    lab.docker(['cp', into, 'swap:/w/p/file'])
    lab.docker(['cp', into, 'swap:/w/p'])
  }
  lab.docker(['rm', '-f', 'swap'])
  assert.deepEqual(readdirSync(secret), ['file'])
  assert.equal(readFileSync(join(secret, 'file'), 'utf8'), 'of the host')
})

test('device nodes of an image are of no use', () => {
  const { out } = lab.docker([
    'run',
    '--name',
    'maker',
    'busybox',
    'sh',
    '-c',
    'mknod /disk b 7 0; mknod /mem c 1 1; mknod /kmsg c 1 11; ls /disk /mem',
  ])
  assert.equal(out, '/disk\n/mem\n')
  lab.docker(['commit', 'maker', 'nodes'])
  lab.docker(['rm', 'maker'])
  const { err } = run('nodes', 'sh', '-c', 'for f in /disk /mem /kmsg; do head -c1 $f; done')
  assert.equal(err.match(/Operation not permitted/g)?.length, 3, err)
})

test('a process without end in a container, standing still, holds up nobody else', async () => {
  lab.docker(['run', '-d', '--name', 'stuck', 'busybox', 'sleep', '600'])
  lab.docker(['run', '-d', '--name', 'free', 'busybox', 'sleep', '600'])
  const pid = lab.docker(['inspect', '-f', '{{.State.Pid}}', 'stuck']).out.trim()
  const [, group = ''] = readFileSync(`/proc/${pid}/cgroup`, 'utf8').match(/freezer:(.*)/) ?? []
  const frozen = group ? `/sys/fs/cgroup/freezer${group}/freezer.state` : undefined
  if (!frozen) return
  // frozen behind the engine's back: no signal gets through
  execFileSync('sh', [
    '-c',
    `m=$(awk '$9=="cgroup" || /freezer/ {print $5}' /proc/self/mountinfo | grep freezer | head -1); echo FROZEN >$m${group}/freezer.state`,
  ])
  const stopping = spawn(lab.client, ['rm', '-f', 'stuck'], {
    env: { ...process.env, DOCKER_HOST: `unix://${lab.socket}` },
  })
  const exec = spawn(lab.client, ['exec', 'stuck', 'true'], {
    env: { ...process.env, DOCKER_HOST: `unix://${lab.socket}` },
  })
  try {
    await delay(500)
    for (const path of [
      'containers/json',
      'containers/free/json',
      'containers/stuck/json',
      'info',
      'containers/free/top',
    ]) {
      const start = performance.now()
      execFileSync('curl', ['-fs', '--max-time', '5', '--unix-socket', lab.socket, `http://d/v1.51/${path}`])
      assert.ok(performance.now() - start < 150, `${path} took ${performance.now() - start} ms`)
    }
    const start = performance.now()
    execFileSync('curl', [
      '-fs',
      '-XPOST',
      '--max-time',
      '5',
      '--unix-socket',
      lab.socket,
      'http://d/v1.51/containers/free/kill',
    ])
    assert.ok(performance.now() - start < 250, `kill took ${performance.now() - start} ms`)
  } finally {
    execFileSync('sh', [
      '-c',
      `m=$(awk '/freezer/ {print $5}' /proc/self/mountinfo | grep freezer | head -1); echo THAWED >$m${group}/freezer.state || :`,
    ])
    stopping.kill()
    exec.kill()
    lab.docker(['rm', '-f', 'stuck', 'free'])
  }
})
