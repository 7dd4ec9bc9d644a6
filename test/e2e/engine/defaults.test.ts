import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Lab } from './lab.ts'

// What dockerd 28.5 gives to containers with the same flags.
const flags = '--default-ulimit nofile=64:128 --default-ulimit nproc=900 --default-ipc-mode shareable'.split(' ')
const lab = new Lab(flags)
lab.addFlags('--default-cgroupns-mode', 'private', '--seccomp-profile', join(lab.dir, 'profile.json'))
const run = (...args: string[]) => lab.docker(['run', '--rm', ...args])

before(async () => {
  const refused = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 42 }
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [refused] }
  writeFileSync(join(lab.dir, 'profile.json'), JSON.stringify(profile))
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

test('limits of the engine are those of containers that do not ask for others', () => {
  const script = 'ulimit -n; ulimit -Hn; ulimit -u'
  assert.equal(run('busybox', 'sh', '-c', script).out, '64\n128\n900\n')
  assert.equal(run('--ulimit', 'nofile=70:80', 'busybox', 'sh', '-c', script).out, '70\n80\n900\n')
})

test('modes of the engine stand in inspect', () => {
  lab.docker(['create', '--name', 'modes', 'busybox'])
  const format = '{{json .HostConfig.Ulimits}} {{.HostConfig.IpcMode}} {{.HostConfig.CgroupnsMode}}'
  const expected = '[{"Name":"nofile","Hard":128,"Soft":64},{"Name":"nproc","Hard":900,"Soft":900}] shareable private\n'
  assert.equal(lab.docker(['inspect', '-f', format, 'modes']).out, expected)
  lab.docker(['rm', 'modes'])
})

test('the engine’s filter of system calls holds for whoever does not choose another', () => {
  assert.match(run('busybox', 'mkdir', '/x').err, /No message of desired type/)
  assert.equal(run('--security-opt', 'seccomp=builtin', 'busybox', 'mkdir', '/x').code, 0)
  assert.equal(run('--security-opt', 'seccomp=unconfined', 'busybox', 'mkdir', '/x').code, 0)
  assert.match(lab.docker(['info', '-f', '{{.SecurityOptions}}']).out, /name=seccomp,profile=\S+profile\.json/)
})
