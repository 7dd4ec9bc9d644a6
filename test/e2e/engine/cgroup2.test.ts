import assert from 'node:assert/strict'
import { type Dirent, readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { cgroupMode } from '../../../src/spec/host.ts'
import { Lab } from './lab.ts'

// Control groups of version 2; `scripts/vm` has a kernel with nothing else.
const skip = cgroupMode !== 'v2' && 'the controllers of this kernel are version 1’s'
const lab = new Lab()
const docker = (...args: string[]) => lab.docker(args)
const files = 'memory.max memory.low memory.swap.max cpu.max cpu.weight pids.max cpuset.cpus'
const limits = () =>
  docker('exec', 'lives', 'sh', '-c', `cd /sys/fs/cgroup; for f in ${files}; do echo $(cat $f); done`).out.split('\n')

before(async () => {
  if (skip) return
  await lab.start()
  lab.importBusybox()
  const flags = '-m 64m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --pids-limit 50 --cpuset-cpus 0'.split(' ')
  const made = docker('run', '-d', '--name', 'lives', ...flags, 'busybox', 'sleep', '1000')
  assert.equal(made.code, 0, made.err)
})
after(() => lab[Symbol.asyncDispose]())

test('limits stand in the files of the group, which is the container’s root', { skip }, () => {
  assert.deepEqual(limits(), [`${64 << 20}`, `${32 << 20}`, `${64 << 20}`, '50000 100000', '20', '50', '0', ''])
  assert.equal(docker('exec', 'lives', 'cat', '/proc/self/cgroup').out, '0::/\n')
  assert.equal(docker('inspect', '-f', '{{.HostConfig.CgroupnsMode}}', 'lives').out, 'private\n')
  assert.match(
    docker('run', '--rm', '--cgroupns', 'host', 'busybox', 'cat', '/proc/self/cgroup').out,
    /^0::\/.*[0-9a-f]{64}/,
  )
  const format = '{{.MemUsage}} {{.PIDs}}'
  assert.match(docker('stats', '--no-stream', '--format', format, 'lives').out, /^[\d.]+[KM]iB \/ 64MiB 1\n/)
  assert.match(docker('top', 'lives').out, /sleep 1000/)
  assert.equal(docker('info', '-f', '{{.CgroupVersion}} {{.Warnings}}').out, '2 []\n')
})

test('update changes them while it runs', { skip }, () => {
  const more = '-m 128m --memory-swap 256m --cpus 1.5 --pids-limit 60 --cpu-shares 1024 --memory-reservation 16m'
  assert.equal(docker('update', ...more.split(' '), 'lives').code, 0)
  assert.deepEqual(limits(), [`${128 << 20}`, `${16 << 20}`, `${128 << 20}`, '150000 100000', '39', '60', '0', ''])
  assert.equal(docker('update', '--memory-swap', '192m', 'lives').code, 0)
  assert.equal(limits()[2], `${64 << 20}`, 'swap is what is left of it')
  assert.equal(docker('update', '--memory-swap', '-1', '--pids-limit', '-1', '--cpuset-cpus', '0-1', 'lives').code, 0)
  assert.deepEqual(limits(), [`${128 << 20}`, `${16 << 20}`, 'max', '150000 100000', '39', 'max', '0-1', ''])
})

test('pause, kill and restart', { skip }, () => {
  const status = () => docker('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'lives').out.trim()
  docker('pause', 'lives')
  assert.equal(status(), 'paused 0')
  docker('unpause', 'lives')
  assert.equal(status(), 'running 0')
  docker('kill', 'lives')
  docker('wait', 'lives')
  assert.equal(status(), 'exited 137')
  docker('start', 'lives')
  docker('restart', '-t', '0', 'lives')
  assert.equal(limits()[0], `${128 << 20}`)
})

test('one that takes more memory than it may is killed, and this is told', { skip }, () => {
  const eater = ['-m', '16m', '--memory-swap', '16m', 'busybox']
  assert.equal(docker('run', '--name', 'eats', ...eater, 'tail', '/dev/zero').code, 137)
  const format = '{{.State.OOMKilled}} {{.State.ExitCode}}'
  assert.equal(docker('inspect', '-f', format, 'eats').out, 'true 137\n')
  assert.match(
    docker('events', '--since', '10m', '--until', '0s', '--filter', 'event=oom').out,
    / container oom .*name=eats/,
  )
})

test('groups that a container made below its own go with it', { skip }, () => {
  const made = docker('run', '--rm', '--privileged', 'busybox', 'sh', '-c', 'mkdir -p /sys/fs/cgroup/a/b && echo made')
  assert.equal(made.out, 'made\n')
  docker('rm', '-f', 'lives', 'eats')
  assert.deepEqual(readdirSync(`/sys/fs/cgroup${lab.cgroupParent}`, { withFileTypes: true }).filter(isFolder), [])
})

const isFolder = (entry: Dirent): boolean => entry.isDirectory()
