import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Lab } from './lab.ts'

const dir = mkdtempSync('/var/tmp/berth-cdi-')
const lab = new Lab(['--cdi-spec-dir', join(dir, 'cdi')])
const run = (...args: string[]) => lab.docker(['run', '--rm', ...args])
const firstLine = (text: string) => text.split('\n')[0]!.replace('docker: Error response from daemon: ', '')

before(async () => {
  mkdirSync(join(dir, 'cdi'))
  const device = (name: string, edits: object) => ({ name, containerEdits: { env: [`DEVICE_${name}=1`], ...edits } })
  const node = { path: '/dev/one', hostPath: '/dev/zero' }
  const mount = { hostPath: '/etc/hostname', containerPath: '/host-name', options: ['ro', 'bind'] }
  const devices = [device('one', { deviceNodes: [node], mounts: [mount], additionalGids: [77] }), device('two', {})]
  const spec = { cdiVersion: '0.6.0', kind: 'vendor.com/class', devices, containerEdits: { env: ['COMMON=1'] } }
  writeFileSync(join(dir, 'cdi/vendor.json'), JSON.stringify(spec))
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  await lab[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true })
})

test('CDI devices bring their nodes, mounts, groups and variables', () => {
  const script = 'env | grep -E "DEVICE|COMMON" | sort; head -c2 /dev/one | wc -c; test -s /host-name && id -G'
  const { out } = run(
    '--device',
    'vendor.com/class=one',
    '--device',
    'vendor.com/class=two',
    'busybox',
    'sh',
    '-c',
    script,
  )
  assert.equal(out, 'COMMON=1\nDEVICE_one=1\nDEVICE_two=1\n2\n0 77\n')
  assert.match(lab.docker(['info', '-f', '{{json .}}']).out, /"CDISpecDirs":\["[^"]+\/cdi"\]/)
})

test('devices that nobody has are refused in Docker’s words', () => {
  const cases = [
    [
      ['--device', 'vendor.com/class=three', '--device', 'wendor.com/cc=xx'],
      'CDI device injection failed: unresolvable CDI devices vendor.com/class=three, wendor.com/cc=xx',
    ],
    [['--gpus', 'all'], 'could not select device driver "" with capabilities: [[gpu]]'],
    [['--gpus', 'all,driver=foo'], 'could not select device driver "foo" with capabilities: [[gpu]]'],
    [
      ['--device', '/etc/passwd'],
      'error gathering device information while adding custom device "/etc/passwd": not a device node',
    ],
    [
      ['--device', '/none'],
      'error gathering device information while adding custom device "/none": no such file or directory',
    ],
  ] as const
  for (const [flags, text] of cases) assert.equal(firstLine(run(...flags, 'busybox', 'true').err), text)
})

test('rules for devices may leave the number open', () => {
  const script = 'mknod /tmp/zero c 1 5 && head -c1 /tmp/zero | wc -c; mknod /tmp/disk b 7 0 && head -c1 /tmp/disk'
  const { out, err } = run('--device-cgroup-rule', 'c 1:* rwm', 'busybox', 'sh', '-c', script)
  assert.equal(out, '1\n')
  assert.match(err, /head: \/tmp\/disk: Operation not permitted/)
})

test('limits of real-time time are checked as Docker does', () => {
  const { err } = run('--cpu-rt-period', '100', '--cpu-rt-runtime', '1000', 'busybox', 'true')
  assert.equal(firstLine(err), 'cpu real-time runtime cannot be higher than cpu real-time period')
})
