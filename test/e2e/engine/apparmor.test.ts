import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hasAppArmor } from '../../../src/kernel/apparmor.ts'
import { Lab } from './lab.ts'

// The kernel's own refusals; `scripts/vm` has a kernel with AppArmor.
const skip = !hasAppArmor() && 'this kernel has no AppArmor'
const lab = new Lab()
const run = (...args: string[]) => lab.docker(['run', '--rm', ...args])
const current = ['busybox', 'cat', '/proc/self/attr/current']
const option = (name: string) => ['--security-opt', `apparmor=${name}`]

before(async () => {
  if (skip) return
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

test('containers run under the profile, unless they are privileged or ask for none', { skip }, () => {
  assert.match(lab.docker(['info', '-f', '{{.SecurityOptions}}']).out, /name=apparmor /)
  assert.equal(run(...current).out, 'berth-default (enforce)\n')
  assert.equal(run('--security-opt', 'no-new-privileges', ...current).out, 'berth-default (enforce)\n')
  assert.equal(run(...option('unconfined'), ...current).out, 'unconfined\n')
  assert.equal(run('--privileged', ...current).out, 'unconfined\n')
  assert.equal(run('--privileged', ...option('berth-default'), ...current).out, 'berth-default (enforce)\n')
  const missing = run(...option('nobody-has-it'), ...current)
  assert.match(missing.err, /OCI runtime create failed/)
  assert.equal(missing.code, 125)
})

test('exec and inspect go by it, and signals reach its processes', { skip }, () => {
  lab.docker(['run', '-d', '--init', '--name', 'lives', 'busybox', 'sleep', '1000'])
  assert.equal(lab.docker(['inspect', '-f', '{{.AppArmorProfile}}', 'lives']).out, 'berth-default\n')
  assert.equal(lab.docker(['exec', 'lives', 'cat', '/proc/self/attr/current']).out, 'berth-default (enforce)\n')
  assert.equal(lab.docker(['exec', '--privileged', 'lives', 'cat', '/proc/self/attr/current']).out, 'unconfined\n')
  const inner = 'sleep 100 & kill $!; wait $!; echo $?'
  assert.equal(lab.docker(['exec', 'lives', 'sh', '-c', inner]).out, '143\n')
  lab.docker(['stop', 'lives'])
  assert.equal(lab.docker(['inspect', '-f', '{{.State.ExitCode}}', 'lives']).out, '143\n')
  lab.docker(['rm', 'lives'])
})

test('what it forbids is refused to all capabilities with every other fence down', { skip }, () => {
  const open = '--cap-add ALL --security-opt seccomp=unconfined --security-opt systempaths=unconfined'.split(' ')
  const script = `mount -t tmpfs x /tmp && echo mounted; mount --bind /data /tmp && echo bound
    for f in /proc/sysrq-trigger /proc/sys/vm/laptop_mode; do (echo 0 >$f) && echo wrote $f; done
    head -c 1 /proc/kcore >/dev/null && echo read; echo done`
  const fenced = run(...open, 'busybox', 'sh', '-c', script)
  assert.equal(fenced.out, 'done\n')
  assert.equal(fenced.err.match(/Permission denied/g)?.length, 5)
  const free = run(...open, ...option('unconfined'), 'busybox', 'sh', '-c', 'mount -t tmpfs x /tmp && echo mounted')
  assert.equal(free.out, 'mounted\n')
})
