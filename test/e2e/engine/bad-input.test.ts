import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { busyboxTar, Lab } from './lab.ts'
import { noTraces, traces } from './traces.ts'

const lab = new Lab()

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

/** Raw bytes to the socket; the first line of the answer, or what came instead. */
async function raw(bytes: Buffer | string): Promise<string> {
  const socket = connect(lab.socket)
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk as Buffer))
  socket.on('error', () => {})
  socket.write(bytes)
  await Promise.race([once(socket, 'close').catch(() => {}), delay(5000)])
  socket.destroy()
  return Buffer.concat(chunks).toString().split('\r\n')[0]!
}

test('a header of 10 MB is refused', async () => {
  // the refusal comes, and the connection goes, before all of it is read
  assert.match(
    await raw(`GET /_ping HTTP/1.1\r\nHost: d\r\nX-Big: ${'x'.repeat(10 << 20)}\r\n\r\n`),
    /^(HTTP\/1.1 431|$)/,
  )
  assert.match(await raw('GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 200/)
})

test('what is no HTTP is refused', async () => {
  assert.match(await raw(Buffer.from([0, 1, 2, 3, 255, 10, 13, 10])), /^HTTP\/1.1 400/)
  assert.match(await raw('GET /_ping HTTP/9.9\r\n\r\n'), /^HTTP\/1.1 (400|505)/)
})

/** A client that has nothing more to say after its request, as `nc -N` has; the whole answer. */
async function halfClosed(request: string): Promise<string> {
  const socket = connect({ path: lab.socket, allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk as Buffer))
  socket.end(`${request} HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n`)
  await Promise.race([once(socket, 'end'), delay(5000)])
  socket.destroy()
  return Buffer.concat(chunks).toString()
}

test('who closes its half of the connection gets its answer, and what goes on for ever ends', async () => {
  lab.docker(['run', '-d', '--name', 'half', '--stop-signal', 'KILL', 'busybox', 'sleep', '1000'])
  assert.match(await halfClosed('GET /v1.51/containers/json?size=1'), /^HTTP\/1.1 200 .*"\/half".*\]\n$/s)
  for (const path of ['logs?follow=1&stdout=1', 'stats'])
    assert.match(await halfClosed(`GET /v1.51/containers/half/${path}`), /^HTTP\/1.1 200 .*\r\n0\r\n\r\n$/s, path)
  assert.match(await halfClosed('GET /v1.51/events'), /^HTTP\/1.1 200 .*\r\n0\r\n\r\n$/s)
  const waiting = await halfClosed('POST /v1.51/containers/half/wait')
  assert.match(waiting, /\{"Error":\{"Message":"context canceled"\},"StatusCode":-1\}/)
  assert.match(await halfClosed('POST /v1.51/containers/half/stop'), /^HTTP\/1.1 204 /)
  assert.match(await halfClosed('DELETE /v1.51/containers/half'), /^HTTP\/1.1 204 /)
})

test('paths that try to lead out of anything are not found', async () => {
  for (const path of [
    '/../etc/passwd',
    '/containers/%2e%2e%2f/json',
    '/images/..%2f..%2fetc/json',
    '/volumes/..%2f..',
  ]) {
    assert.match(
      await raw(`GET ${path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n`),
      /^HTTP\/1.1 (301|400|404)/, // 301: to the tidy path, which there is not either
      path,
    )
  }
})

test('bodies that are too deep or of the wrong kind are refused', () => {
  const send = (body: string) =>
    execFileSync(
      'curl',
      [
        '-s',
        '-o',
        '/dev/null',
        '-w',
        '%{http_code}',
        '-H',
        'Content-Type: application/json',
        '--data-binary',
        '@-',
        '--unix-socket',
        lab.socket,
        'http://d/containers/create',
      ],
      { input: body, encoding: 'utf8' },
    )
  for (const body of [
    '[',
    '{"Image":',
    `${'['.repeat(200_000)}`,
    '{"Image":{"a":1}}',
    '[]',
    '"x"',
    '{"Image":"busybox","Env":{"a":"b"}}',
  ])
    assert.equal(send(body), '400', body.slice(0, 30))
  assert.equal(send(`{"Image":"busybox","Labels":{"a":"${'x'.repeat(65 << 20)}"}}`), '400')
})

test('a client that vanishes in the middle of attach leaves the container alone', async () => {
  lab.docker(['run', '-d', '-i', '--name', 'ticks', 'busybox', 'sh', '-c', 'while :; do echo tick; sleep 0.05; done'])
  for (let i = 0; i < 5; i++) {
    const client = spawn(lab.client, ['-H', `unix://${lab.socket}`, 'attach', 'ticks'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    await once(client.stdout!, 'data')
    client.kill('SIGKILL')
    await once(client, 'exit')
  }
  assert.equal(lab.docker(['exec', 'ticks', 'echo', 'ok']).out, 'ok\n')
  const before = lab.docker(['logs', 'ticks']).out.length
  await delay(300)
  assert.ok(lab.docker(['logs', 'ticks']).out.length > before)
  lab.docker(['rm', '-f', 'ticks'])
})

test('a client that reads nothing stops neither the container nor the others', async () => {
  lab.docker([
    'run',
    '-d',
    '--name',
    'loud',
    'busybox',
    'sh',
    '-c',
    'yes 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef | head -c 20000000; echo; echo done; sleep 100',
  ])
  const deaf = connect(lab.socket)
  deaf.write(
    'POST /containers/loud/attach?stream=1&stdout=1&logs=0 HTTP/1.1\r\nHost: d\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n',
  )
  deaf.pause()
  const followed = spawnSync(lab.client, ['-H', `unix://${lab.socket}`, 'logs', '-f', '--tail', '1', 'loud'], {
    timeout: 10_000,
    encoding: 'utf8',
    maxBuffer: 200 << 20,
  })
  assert.match(followed.stdout, /done/)
  deaf.destroy()
  lab.docker(['rm', '-f', 'loud'])
})

test('afterwards nothing is half there', async () => {
  await delay(300)
  assert.deepEqual(traces(lab), noTraces)
})

test('a full disk fails what needs space, and nothing else, until there is some', async () => {
  const image = join(lab.dir, 'disk')
  const place = join(lab.dir, 'small')
  mkdirSync(place)
  execFileSync('truncate', ['-s', '48M', image])
  execFileSync('mkfs.ext4', ['-q', image])
  execFileSync('mount', ['-o', 'loop', image, place])
  try {
    await using small = new Lab(['--data-root', join(place, 'data')])
    await small.start()
    const docker = (...args: string[]) => small.docker(args)
    assert.equal(small.docker(['import', '-c', 'CMD ["sh"]', '-', 'busybox'], busyboxTar()).code, 0)
    execFileSync('sh', ['-c', `head -c 100M /dev/zero >${join(place, 'ballast')} 2>/dev/null || true`])
    const full = docker('run', '--rm', 'busybox', 'sh', '-c', 'head -c 1000000 /dev/zero >/x; echo $?')
    assert.match(full.out + full.err, /No space left|no space|full/i)
    assert.notEqual(small.docker(['import', '-', 'again'], busyboxTar()).code, 0)
    assert.equal(docker('images', '-q', 'again').out, '')
    execFileSync('rm', [join(place, 'ballast')])
    assert.equal(docker('run', '--rm', 'busybox', 'echo', 'fine').out, 'fine\n')
    assert.equal(small.docker(['import', '-', 'again'], busyboxTar()).code, 0)
  } finally {
    execFileSync('umount', ['-l', place])
  }
})
