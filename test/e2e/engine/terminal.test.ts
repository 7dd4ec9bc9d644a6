import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { Lab } from './lab.ts'

const client = ['/usr/local/bin/docker', '/usr/bin/docker'].find(existsSync)
const skip = !client && 'no docker client on this machine'
const lab = new Lab()

before(async () => {
  if (skip) return
  await lab.start()
  lab.importBusybox()
})
after(() => (skip ? undefined : lab[Symbol.asyncDispose]()))

interface Step {
  readonly wait: string
  readonly type?: string
  readonly rows?: number
  readonly columns?: number
}

interface Session {
  readonly code: number | null
  readonly out: string
}

/** The stock client on a pseudo-terminal, used as a person would. */
function person(args: readonly string[], steps: readonly Step[]): Session {
  const program = join(import.meta.dirname, '../cli/terminal.py')
  const spec = { args: [client!, '-H', `unix://${lab.socket}`, ...args], steps, seconds: 20 }
  const done = spawnSync('python3', [program, JSON.stringify(spec)], { timeout: 40_000, encoding: 'utf8' })
  return JSON.parse(done.stdout) as Session
}

test('a shell: typing, the size of the window, exit', { skip }, () => {
  const { code, out } = person(
    ['run', '--rm', '-it', 'busybox', 'sh'],
    [
      { wait: '#', type: 'stty size\n' },
      { wait: '40 100', rows: 25, columns: 77, type: 'stty size; echo $TERM\n' },
      { wait: '25 77', type: 'exit 3\n' },
    ],
  )
  assert.match(out, /25 77/)
  assert.equal(code, 3)
})

test('Ctrl-C reaches the program, not the client', { skip }, () => {
  const { code, out } = person(
    ['run', '--rm', '-it', 'busybox', 'sh'],
    [
      // said by the child: before it is in the foreground the shell may swallow the signal
      { wait: '#', type: 'sh -c \'echo be""gin; exec sleep 100\'\n' },
      { wait: 'begin', type: '\x03' },
      { wait: '#', type: 'echo still $((40 + 2))\n' },
      { wait: 'still 42', type: 'exit\n' },
    ],
  )
  assert.match(out, /still 42/)
  assert.equal(code, 0)
})

test('detach keys leave it running; attach finds it, with its history of keys', { skip }, () => {
  const left = person(
    ['run', '-it', '--name', 'kept', 'busybox', 'sh'],
    [
      { wait: '#', type: 'x=41\n' },
      { wait: '#', type: '\x10\x11' },
    ],
  )
  assert.equal(left.code, 0)
  assert.equal(lab.docker(['inspect', '-f', '{{.State.Running}}', 'kept']).out, 'true\n')
  const back = person(
    ['attach', '--detach-keys', 'ctrl-a,d', 'kept'],
    [
      { wait: '', type: 'echo found $((x + 1))\n' },
      { wait: 'found 42', type: '\x01d' },
    ],
  )
  assert.match(back.out, /found 42/)
  assert.match(back.out, /read escape sequence/)
  assert.equal(lab.docker(['rm', '-f', 'kept']).code, 0)
})

test('exec -it and start -ai', { skip }, () => {
  lab.docker(['run', '-d', '--name', 'host', 'busybox', 'sleep', '100'])
  const inside = person(
    ['exec', '-it', 'host', 'sh'],
    [
      { wait: '#', type: 'tty; stty size\n' },
      { wait: '40 100', type: 'exit 4\n' },
    ],
  )
  assert.match(inside.out, /\/dev\/pts\/\d/)
  assert.equal(inside.code, 4)
  lab.docker(['rm', '-f', 'host'])
  lab.docker(['create', '-it', '--name', 'again', 'busybox', 'sh'])
  for (const expected of ['none', 'kept']) {
    const { out } = person(
      ['start', '-ai', 'again'],
      [{ wait: '#', type: 'cat /file 2>/dev/null || echo no""ne; echo kept >/file; exit\n' }],
    )
    assert.match(out, new RegExp(expected))
  }
  lab.docker(['rm', 'again'])
})

/** Sends `keys` to a process with a terminal, as a client does that does not look for the keys itself. */
async function typeInto(container: string, keys: string, command: readonly string[]): Promise<void> {
  const config = { AttachStdin: true, AttachStdout: true, Tty: true, DetachKeys: 'ctrl-a,d', Cmd: command }
  const created = await post(`/containers/${container}/exec`, config)
  const socket = connect(lab.socket)
  const head = 'Host: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json'
  const id = (JSON.parse(created) as { readonly Id: string }).Id
  socket.write(`POST /exec/${id}/start HTTP/1.1\r\n${head}\r\nContent-Length: 12\r\n\r\n{"Tty":true}`)
  for await (const chunk of socket) if (String(chunk).includes('begin')) socket.write(keys)
}

async function post(path: string, body: object): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>()
  const headers = { 'Content-Type': 'application/json' }
  request({ socketPath: lab.socket, path, method: 'POST', headers }, resolve).end(JSON.stringify(body))
  return text(await promise)
}

test('detach keys of an exec leave it running', { skip }, async () => {
  lab.docker(['run', '-d', '--name', 'left', 'busybox', 'sleep', '100'])
  await typeInto('left', '\x01d', ['sh', '-c', 'echo be""gin; exec sleep 99'])
  assert.match(lab.docker(['top', 'left']).out, /sleep 99/)
  lab.docker(['rm', '-f', 'left'])
})
