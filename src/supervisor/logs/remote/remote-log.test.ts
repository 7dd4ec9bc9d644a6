import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { decode } from '@msgpack/msgpack'
import type { RemoteLogSettings } from '../../protocol.ts'
import { LineSplitter } from '../line-splitter.ts'
import { openRemoteLog } from './remote-log.ts'

const settings = (driver: RemoteLogSettings['driver'], options: RemoteLogSettings['options']): RemoteLogSettings => ({
  driver,
  options,
  tag: 'tag',
  attrs: { a: 'b' },
  container: { id: 'c1', name: 'web', imageId: 'i', imageName: 'img', command: 'run', created: '2026-01-01T00:00:00Z' },
})

const entries = (text: string) => new LineSplitter().split('stderr', Buffer.from(text), 1_500_000_000n)

async function udp() {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { socket, address: `udp://127.0.0.1:${socket.address().port}` }
}

async function received(driver: RemoteLogSettings['driver'], option: string, more = {}): Promise<Buffer> {
  const { socket, address } = await udp()
  const log = await openRemoteLog(settings(driver, { [option]: address, ...more }))
  const message = once(socket, 'message')
  void log.write(entries('hello\n'))
  const [bytes] = await message
  log.close()
  socket.close()
  return bytes as Buffer
}

test('syslog: a line of RFC 3164 with the severity of the output', async () => {
  const text = (await received('syslog', 'syslog-address', { 'syslog-facility': 'local0' })).toString()
  assert.match(text, /^<131>Jan {1,2}\d+ \d\d:\d\d:01 \S+ tag\[\d+\]: hello$/)
})

test('gelf: a compressed object', async () => {
  const message = JSON.parse(gunzipSync(await received('gelf', 'gelf-address')).toString())
  assert.equal(message.short_message, 'hello')
  assert.deepEqual([message.timestamp, message.level, message._container_name, message._a], [1.5, 3, 'web', 'b'])
})

async function tcp(onSocket: (socket: Socket) => void) {
  const server = createServer(onSocket)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

test('fluentd: a message of the forward protocol', async () => {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const { server, port } = await tcp(socket => socket.once('data', resolve))
  const log = await openRemoteLog(settings('fluentd', { 'fluentd-address': `127.0.0.1:${port}` }))
  void log.write(entries('hello\n'))
  const expected = { container_id: 'c1', container_name: 'web', source: 'stderr', log: 'hello', a: 'b' }
  assert.deepEqual(decode(await promise), ['tag', 1, expected])
  log.close()
  server.close()
})

test('a server that is not there stops the start, in words that tell where', async () => {
  const { server, port } = await tcp(() => {})
  await new Promise(resolve => server.close(resolve))
  const open = openRemoteLog(settings('fluentd', { 'fluentd-address': `127.0.0.1:${port}` }))
  await assert.rejects(open, { message: `dial tcp 127.0.0.1:${port}: connect: connection refused` })
})

test('a blocking log lets the container wait for a server that reads nothing, a non-blocking one drops', async () => {
  const sockets: Socket[] = []
  const { server, port } = await tcp(socket => void sockets.push(socket.pause()))
  const options = { 'syslog-address': `tcp://127.0.0.1:${port}` }
  const big = entries(`${'x'.repeat(16_000)}\n`.repeat(2000))
  const blocking = await openRemoteLog(settings('syslog', options))
  assert.notEqual(blocking.write(big), undefined)
  const dropping = await openRemoteLog({ ...settings('syslog', options), bufferBytes: 1 << 20 })
  assert.equal(dropping.write(big), undefined)
  blocking.close()
  dropping.close()
  for (const socket of sockets) socket.destroy()
  server.close()
})
