import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import WebSocket from 'ws'
import { Lab } from './lab.ts'

const lab = new Lab()
const both = 'stream=1&stdin=1&stdout=1&stderr=1'

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

const run = (name: string, options: string, ...command: string[]) =>
  assert.equal(lab.docker(['run', '-d', options, '--name', name, 'busybox', ...command]).code, 0)

class Client {
  readonly #socket: WebSocket
  readonly opened: Promise<void>
  /** code of the end */
  readonly closed: Promise<number>
  received = Buffer.alloc(0)
  allBinary = true

  constructor(container: string, query: string) {
    this.#socket = new WebSocket(`ws+unix://${lab.socket}:/containers/${container}/attach/ws?${query}`)
    this.#socket.on('message', (data: Buffer, isBinary) => {
      this.received = Buffer.concat([this.received, data])
      this.allBinary &&= isBinary
    })
    this.opened = new Promise((resolve, reject) => this.#socket.on('open', () => resolve()).on('error', reject))
    this.closed = new Promise(resolve => this.#socket.on('close', code => resolve(code)))
  }

  send(data: string | Buffer): void {
    this.#socket.send(data)
  }

  close(): void {
    this.#socket.close()
  }

  get text(): string {
    return this.received.toString('latin1')
  }

  async has(text: string): Promise<void> {
    for (let i = 0; i < 100 && this.text !== text; i++) await delay(50)
    assert.equal(this.text, text)
  }
}

async function connect(container: string, query = both): Promise<Client> {
  const client = new Client(container, query)
  await client.opened
  await delay(200) // the streams are joined after the handshake
  return client
}

test('several clients type and read; the end of one is not the end of the input', async () => {
  run('cat', '-i', 'cat')
  const [one, two] = [await connect('cat'), await connect('cat')]
  one.send('text\n')
  await one.has('text\n')
  two.send(Buffer.from([0xff, 0, 10]))
  for (const client of [one, two]) await client.has('text\n\xff\0\n')
  assert.ok(one.allBinary && two.allBinary)
  one.close()
  await one.closed
  two.send('more\n')
  await two.has('text\n\xff\0\nmore\n')
  lab.docker(['kill', 'cat'])
  assert.equal(await two.closed, 1000)
})

test('the end of the process and detach keys end it normally', async () => {
  run('short', '-i', 'sh', '-c', 'read x; echo $x; exit 3')
  const short = await connect('short')
  short.send('x\n')
  assert.equal(await short.closed, 1000)
  assert.equal(short.text, 'x\n')
  run('tty', '-it', 'cat')
  const tty = await connect('tty', `${both}&detachKeys=ctrl-a,b`)
  tty.send('\x01b')
  assert.equal(await tty.closed, 1000)
  assert.equal(lab.docker(['inspect', '-f', '{{.State.Status}}', 'tty']).out, 'running\n')
})

test('logs come first, also of what has ended, and without frames', async () => {
  run('ended', '-i', 'echo', 'said')
  lab.docker(['wait', 'ended'])
  const waiting = await connect('ended', 'stream=1&stdout=1&logs=1')
  await waiting.has('said\n')
  waiting.close()
  const once = new Client('ended', 'stdout=1&logs=1')
  assert.equal(await once.closed, 1000)
  assert.equal(once.text, 'said\n')
})

test('who asks for no stream gets none', async () => {
  run('quiet', '-i', 'sh', '-c', 'while :; do echo x; sleep 0.1; done')
  const nothing = new Client('quiet', 'stream=1')
  assert.equal(await nothing.closed, 1000)
  assert.equal(nothing.text, '')
  lab.docker(['kill', 'quiet'])
})

test('refusals are answers, not sockets', async () => {
  await assert.rejects(new Client('none', both).opened, /Unexpected server response: 404/)
  await assert.rejects(new Client('tty', 'detachKeys=nope').opened, /Unexpected server response: 400/)
  lab.docker(['pause', 'tty'])
  await assert.rejects(new Client('tty', both).opened, /Unexpected server response: 409/)
})
