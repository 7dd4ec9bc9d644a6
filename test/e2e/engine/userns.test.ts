import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as stock from '../build/stock-client.ts'
import { Lab } from './lab.ts'

const [first, count] = [200_000, 65_536]
const files = ['/etc/subuid', '/etc/subgid']

/** The ranges of a user that every system has, for the time of this test. */
function lendRanges(): Disposable {
  const old = files.map(path => ({ path, text: readFileSync(path, 'utf8') }))
  for (const { path, text } of old)
    writeFileSync(path, `${text.replace(/^nobody:.*\n/m, '')}nobody:${first}:${count}\n`)
  return {
    [Symbol.dispose]: () => {
      for (const { path, text } of old) writeFileSync(path, text)
    },
  }
}

describe('an engine with --userns-remap', { skip: process.getuid!() !== 0 && 'needs root' }, () => {
  let lab: Lab
  let ranges: Disposable
  const dir = mkdtempSync('/var/tmp/berth-userns-')
  const run = (...args: string[]) => lab.docker(['run', '--rm', ...args])

  before(async () => {
    ranges = lendRanges()
    lab = new Lab(['--userns-remap', 'nobody'])
    chmodSync(lab.dir, 0o711)
    await lab.start()
    lab.importBusybox()
    writeFileSync(join(dir, 'in'), 'hi')
    execFileSync('chown', ['5:6', join(dir, 'in')])
  })
  after(async () => {
    await lab[Symbol.asyncDispose]()
    ranges[Symbol.dispose]()
    rmSync(dir, { recursive: true })
  })

  test('keeps its state apart and says so', () => {
    const { out } = lab.docker(['info', '-f', '{{.DockerRootDir}} {{.SecurityOptions}}'])
    assert.match(out, new RegExp(`/data/${first}\\.${first} .*name=userns`))
  })

  test('gives containers ids of their own, and root of the namespaces that they have', () => {
    const { out, err } = run(
      '--cap-add',
      'NET_ADMIN',
      'busybox',
      'sh',
      '-c',
      'cat /proc/self/uid_map; ip addr add 10.9.9.9/32 dev lo; stat -c %u /data/file /etc/hosts; mkdir /new; stat -c %u /new',
    )
    assert.equal(err, '')
    assert.deepEqual(out.trim().split(/\s+/), ['0', `${first}`, `${count}`, '0', '0', '0'])
    assert.match(run('--userns=host', 'busybox', 'cat', '/proc/self/uid_map').out, /^ +0 +0 4294967295$/m)
  })

  test('refuses what a user namespace cannot do, in Docker’s words', () => {
    const cases = [
      [
        '--privileged',
        'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
      ],
      ['--net=host', "cannot share the host's network namespace when user namespaces are enabled"],
      ['--pid=host', 'cannot share the host PID namespace when user namespaces are enabled'],
    ] as const
    for (const [flag, text] of cases) {
      const { err } = run(flag, 'busybox', 'true')
      assert.equal(err.split('\n')[0], `docker: Error response from daemon: ${text}`)
      assert.equal(run(flag, '--userns=host', 'busybox', 'true').code, 0)
    }
  })

  test('copies in and out of running and stopped containers by the container’s ids', () => {
    lab.docker(['run', '-d', '--name', 'alive', '-v', 'vol:/vol', 'busybox', 'sleep', '300'])
    lab.docker([
      'create',
      '--name',
      'still',
      '-v',
      'vol2:/vol',
      'busybox',
      'sh',
      '-c',
      'stat -c %u:%g /data/in /vol/in',
    ])
    for (const name of ['alive', 'still'])
      for (const place of ['/data/in', '/vol/in'])
        assert.equal(
          lab.docker(['cp', '-a', join(dir, 'in'), `${name}:${place}`]).err.replace(/^Successfully.*\n/m, ''),
          '',
        )
    const seen = '5:6\n5:6\n'
    assert.equal(lab.docker(['exec', 'alive', 'stat', '-c', '%u:%g', '/data/in', '/vol/in']).out, seen)
    assert.equal(lab.docker(['start', '-a', 'still']).out, seen)
    for (const name of ['alive', 'still']) {
      const archive = execFileSync(
        'sh',
        ['-c', `DOCKER_HOST=unix://${lab.socket} ${lab.client} cp ${name}:/vol/in - | tar -tvn`],
        { encoding: 'utf8' },
      )
      assert.match(archive, /5\/6/)
    }
  })

  test('commits, exports and lists changes as the container has them', () => {
    assert.equal(lab.docker(['diff', 'alive']).out, 'C /data\nA /data/in\nA /vol\n')
    assert.equal(lab.docker(['commit', 'alive', 'committed']).code, 0)
    assert.equal(run('committed', 'stat', '-c', '%u:%g', '/data/in').out, '5:6\n')
    lab.docker(['rm', '-f', 'alive', 'still'])
  })

  test('volumes belong to the containers on the disk, too', () => {
    assert.equal(run('-v', 'filled:/data', 'busybox', 'stat', '-c', '%u', '/data', '/data/file').out, '0\n0\n')
    const path = lab.docker(['volume', 'inspect', '-f', '{{.Mountpoint}}', 'filled']).out.trim()
    assert.deepEqual(
      [path, join(path, 'file')].map(each => statSync(each).uid),
      [first, first],
    )
  })

  test('shares a user namespace with whom it shares another', () => {
    lab.docker(['run', '-d', '--name', 'first', '--ipc=shareable', 'busybox', 'sleep', '300'])
    for (const mode of ['--net', '--pid', '--ipc']) {
      const { out, err } = run(`${mode}=container:first`, 'busybox', 'readlink', '/proc/self/ns/user')
      assert.equal(out, lab.docker(['exec', 'first', 'readlink', '/proc/self/ns/user']).out, err)
    }
    lab.docker(['rm', '-f', 'first'])
  })

  test('the host’s null device is nobody’s to change', () => {
    run('busybox', 'sh', '-c', 'chmod 600 /proc/self/fd/0 /dev/null')
    run('--userns=host', 'busybox', 'chmod', '600', '/proc/self/fd/0')
    const { uid, mode } = statSync('/dev/null')
    assert.deepEqual([uid, mode & 0o777], [0, 0o666])
  })

  test('builds with the ids of containers', () => {
    writeFileSync(
      join(dir, 'Dockerfile'),
      'FROM busybox\nRUN cat /proc/self/uid_map && touch /made && chown 7:7 /made\nCOPY in /in\n',
    )
    const { err } = lab.docker(['build', '-q', '-t', 'built', dir])
    assert.equal(run('built', 'stat', '-c', '%u', '/made', '/in').out, '7\n0\n', err)
  })

  test('shows mounts of a build with the ids of containers', { skip: stock.skip }, () => {
    writeFileSync(
      join(dir, 'Dockerfile'),
      `FROM busybox AS base
RUN mkdir /x && touch /x/a && chown 7:8 /x/a
FROM busybox
RUN --mount=type=bind,target=/c --mount=type=bind,from=base,source=/x,target=/y,rw stat -c %u:%g /c/in /y/a >/seen
RUN --mount=type=cache,target=/k,uid=5 --mount=type=tmpfs,target=/t stat -c %u:%g /k /t >>/seen && touch /k/f /t/f
RUN --mount=type=secret,id=in,uid=9,gid=1 stat -c %u:%g /run/secrets/in >>/seen && cat /run/secrets/in >>/seen
RUN --mount=type=ssh,uid=9,mode=0660 stat -c %u:%a $SSH_AUTH_SOCK >>/seen
`,
    )
    stock.configure(dir)
    const agent = ['-c', 'exec ssh-agent "$@"', 'sh', stock.docker!, 'build', '-q', '-t', 'built']
    const args = [...agent, '--ssh', 'default', '--secret', `id=in,src=${join(dir, 'in')}`, dir]
    const done = spawnSync('sh', args, { env: stock.environment(lab, dir), encoding: 'utf8', timeout: 60_000 })
    assert.equal(run('built', 'cat', '/seen').out, '0:0\n7:8\n5:0\n0:0\n9:1\nhi9:660\n', done.stderr)
  })
})
