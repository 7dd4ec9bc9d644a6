import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Lab, type Outcome } from './lab.ts'

/** File systems with limits for projects, as an administrator would make and mount them. */
const kinds = [
  { name: 'ext4', make: ['mkfs.ext4', '-q', '-O', 'quota,project'], option: 'prjquota' },
  { name: 'xfs', make: ['mkfs.xfs', '-q'], option: 'pquota' },
] as const

const run = (command: string, ...args: string[]) => spawnSync(command, args, { timeout: 20_000, encoding: 'utf8' })
const refusal = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
const firstLine = ({ err }: Outcome) => err.split('\n')[0]!.replace(/^(docker: )?Error response from daemon: /, '')

/** A lab whose engine has its files on such a file system; a reason instead where this machine has none. */
class QuotaLab extends Lab {
  mount({ make: [command, ...flags], option, name }: (typeof kinds)[number]): string | undefined {
    const image = join(this.dir, 'disk')
    const data = join(this.dir, 'data')
    mkdirSync(data)
    if (run('truncate', '-s', '600M', image).status !== 0) return 'no room'
    if (run(command, ...flags, image).status !== 0) return `no ${command}`
    const done = run('mount', '-t', name, '-o', `loop,${option}`, image, data)
    return done.status === 0 ? undefined : `this kernel has no limits for projects on ${name}`
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => {})
    const data = join(this.dir, 'data')
    for (let i = 0; i < 50 && run('mountpoint', '-q', data).status === 0 && run('umount', data).status !== 0; i++)
      run('sleep', '0.1')
    await super[Symbol.asyncDispose]()
  }
}

const fill = (megabytes: number) =>
  `dd if=/dev/zero of=/f bs=1M count=${megabytes} 2>/dev/shm/error && echo filled || cat /dev/shm/error`
const full = /No space left on device|Disk quota exceeded/

for (const kind of kinds) {
  test(`a container's size is limited on ${kind.name} with project quotas`, async t => {
    await using lab = new QuotaLab(['--storage-opt', 'overlay2.size=40M'])
    const reason = lab.mount(kind)
    if (reason) return t.skip(reason)
    await lab.start()
    lab.importBusybox()
    const docker = (...args: string[]) => lab.docker(args)

    // the file system that the container sees is as large as its limit, and ends there
    const small = docker(
      'run',
      '--name',
      'small',
      '--storage-opt',
      'size=20M',
      'busybox',
      'sh',
      '-c',
      `df -m / | tail -1; ${fill(30)}`,
    )
    assert.match(small.out, /^overlay +20 /)
    assert.match(small.out, full)
    assert.equal(docker('inspect', '-f', '{{.HostConfig.StorageOpt.size}}', 'small').out, '20M\n')
    assert.match(docker('ps', '-as', '--format', '{{.Size}}').out, /^(19|20|21)(\.\d+)?MB/)
    // what stands below a limit is of no concern to others: the engine's own, another one, none
    assert.match(
      docker('run', '--rm', 'busybox', 'sh', '-c', `df -m / | tail -1; ${fill(30)}`).out,
      /^overlay +40 [^\n]+\nfilled/,
    )
    assert.match(docker('run', '--rm', '--storage-opt', 'SIZE=0', 'busybox', 'sh', '-c', fill(60)).out, /filled/)
    // overlay itself moves files between its directories: a changed file, a removed and a renamed folder
    const moves = 'echo more >>/data/file && mv /data/file /root/ && rm -r /data && mkdir /data && cat /root/file'
    assert.equal(docker('run', '--rm', '--storage-opt', 'size=1g', 'busybox', 'sh', '-c', moves).out, 'kept\nmore\n')

    // copying in from outside ends there as well, and says so
    assert.equal(docker('create', '--name', 'target', '--storage-opt', 'size=8M', 'busybox').code, 0)
    const copied = lab.docker(['cp', '-', 'target:/'], tarOf('big', 12 << 20))
    assert.equal(copied.code, 1)
    assert.match(copied.err, /no space left|disk quota exceeded/i)

    // limits outlive the engine; the next number is nobody's
    assert.equal(
      docker('run', '-d', '--name', 'lives', '--storage-opt', 'size=10M', 'busybox', 'sleep', '1000').code,
      0,
    )
    await lab.kill()
    await lab.start()
    assert.match(docker('exec', 'lives', 'sh', '-c', fill(20)).out, full)
    assert.match(
      docker('run', '--rm', '--storage-opt', 'size=12M', 'busybox', 'sh', '-c', `df -m / | tail -1; ${fill(11)}`).out,
      /^overlay +12 [^\n]+\nfilled/,
    )
    // with no block left, the kernel may mount overlay to be read only, as it does below Docker
    assert.match(
      docker('start', '-a', 'small').out,
      /No space left on device|Disk quota exceeded|Read-only file system/,
    )

    assert.equal(firstLine(docker('create', '--storage-opt', 'size=x', 'busybox')), "invalid size: 'x'")
    assert.equal(firstLine(docker('create', '--storage-opt', 'foo=1', 'busybox')), 'Unknown option foo')
    docker('rm', '-f', 'small', 'target', 'lives')
    assert.match(docker('run', '--rm', 'busybox', 'df', '-m', '/').out, /overlay +40 +[01] /)
  })
}

test('where the file system has no such limits, a size is refused in Docker’s words', async t => {
  await using lab = new Lab()
  await lab.start()
  lab.importBusybox()
  if (lab.docker(['create', '--storage-opt', 'size=1G', 'busybox']).code === 0) return t.skip('it has them')
  for (const size of ['size=1G', 'size=x', 'size=', 'size=0', 'SIZE=1G'])
    assert.equal(firstLine(lab.docker(['create', '--storage-opt', size, 'busybox'])), refusal)
  assert.equal(firstLine(lab.docker(['create', '--storage-opt', 'foo=1', 'busybox'])), 'Unknown option foo')
  assert.equal(lab.docker(['ps', '-aq']).out, '')
})

function tarOf(name: string, bytes: number): Buffer {
  const script = `cd "$(mktemp -d)" && head -c ${bytes} /dev/zero >${name} && tar -c ${name}; rm -r "$PWD"`
  return spawnSync('sh', ['-c', script], { maxBuffer: 64 << 20 }).stdout
}
