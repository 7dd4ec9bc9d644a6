import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from './lab.ts'

const lab = new Lab()
const data = join(lab.dir, 'data')
const ballast = join(data, 'ballast')
const image = join(lab.dir, 'disk.img')

/** Takes all space that there is; `rmSync(ballast)` gives it back. */
const fill = () => execFileSync('sh', ['-c', `cat /dev/zero >${ballast} 2>/dev/null; :`])
const room = (): void => rmSync(ballast, { force: true })

before(async () => {
  mkdirSync(data)
  execFileSync('sh', ['-c', `truncate -s 96M ${image} && mkfs.ext4 -q -m 0 ${image} && mount -o loop ${image} ${data}`])
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  await lab.stop().catch(() => {})
  await delay(300)
  execFileSync('umount', ['-l', data])
  await lab[Symbol.asyncDispose]()
})

test('a container that writes logs to a full disk goes on, and its log goes on when there is space', async () => {
  const script =
    'i=0; while :; do i=$((i+1)); echo "line $i xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"; usleep 2000; done'
  lab.docker(['run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', script])
  await delay(300)
  fill()
  await delay(1500)
  assert.equal(lab.docker(['inspect', '-f', '{{.State.Running}}', 'talker']).out, 'true\n')
  assert.equal(lab.docker(['ps', '-q']).out.trim().split('\n').length, 1)
  assert.equal(lab.docker(['logs', '--tail', '1', 'talker']).code, 0)
  room()
  await delay(1000)
  const last = () => Number(/^line (\d+) /m.exec(lab.docker(['logs', '--tail', '1', 'talker']).out)?.[1])
  const first = last()
  await delay(500)
  assert.ok(last() > first, `the log stands still at ${first}`)
  const lines = lab.docker(['logs', 'talker']).out.trim().split('\n')
  assert.ok(
    lines.every(line => /^line \d+ x+$/.test(line)),
    'broken lines',
  )
  const path = lab.docker(['inspect', '-f', '{{.LogPath}}', 'talker']).out.trim()
  const broken = readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '' && !isJson(line))
  assert.ok(broken.length <= 1, `${broken.length} broken lines`)
  lab.docker(['rm', '-f', 'talker'])
})

function isJson(line: string): boolean {
  try {
    return Boolean(JSON.parse(line))
  } catch {
    return false
  }
}

test('create, start, commit and cp say that the disk is full, and work again when it is not', async () => {
  lab.docker(['create', '--name', 'ready', 'busybox', 'sh', '-c', 'echo runs'])
  lab.docker(['run', '--name', 'big', 'busybox', 'sh', '-c', 'head -c 12000000 /dev/urandom >/big'])
  const file = join(lab.dir, 'file')
  writeFileSync(file, Buffer.alloc(8 << 20, 'x'))
  fill()
  const copied = lab.docker(['cp', file, 'ready:/file'])
  assert.match(copied.err, /no space left on device/i)
  assert.notEqual(lab.docker(['run', '--rm', 'busybox', 'sh', '-c', 'head -c 5000000 /dev/zero >/x']).code, 0)
  for (const args of [
    ['commit', 'big', 'committed'],
    ['create', '--name', 'later', 'busybox'],
    ['start', '-a', 'ready'],
  ]) {
    const { code, err } = lab.docker(args)
    assert.ok(code === 0 || /no space left on device|database or disk is full/i.test(err), `${args.join(' ')}: ${err}`)
  }
  assert.equal(lab.docker(['ps', '-aq']).code, 0)
  assert.equal(lab.docker(['images']).code, 0)
  room()
  lab.docker(['rm', '-f', 'later'])
  assert.equal(lab.docker(['start', '-a', 'ready']).out, 'runs\n')
  assert.equal(lab.docker(['create', '--name', 'later', 'busybox']).code, 0)
  assert.equal(lab.docker(['commit', 'big', 'committed']).code, 0)
  assert.equal(lab.docker(['run', '--rm', 'committed', 'stat', '-c', '%s', '/big']).out, '12000000\n')
})

test('what was there before survives a kill of the engine while the disk is full', async () => {
  fill()
  await lab.kill()
  await lab.start()
  assert.match(lab.docker(['ps', '-a', '--format', '{{.Names}}']).out, /ready/)
  assert.match(lab.docker(['images', '-q']).out, /\w/)
  room()
  assert.equal(lab.docker(['start', '-a', 'ready']).out, 'runs\n')
  assert.ok(statSync(data).isDirectory())
})
