import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { test } from 'node:test'
import { message, string, stringMap, subs } from '../wire/message.ts'
import { GrpcChannel } from './client.ts'
import { serveGrpc, streaming, unary } from './server.ts'
import { codes, GrpcError } from './status.ts'

const text = message({ text: string(1) })

async function withServer(body: (channel: GrpcChannel) => Promise<void>): Promise<void> {
  const server = createServer(socket =>
    serveGrpc(
      socket,
      {
        '/t/Echo': unary(text, text, async ({ text }) => ({ text: text.toUpperCase() })),
        '/t/Count': streaming(text, text, async function* ({ text }) {
          for (let i = 0; i < Number(text); i++) yield { text: `${i} ${'x'.repeat(100_000)}` }
        }),
        '/t/Fail': unary(text, text, async () => {
          throw new GrpcError(codes.notFound, 'not here: 50% é', Buffer.from([1, 2, 3]))
        }),
      },
      () => {},
    ),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket: Socket = dial((server.address() as { port: number }).port, '127.0.0.1')
  using channel = new GrpcChannel(socket)
  await body(channel)
  server.close()
}

test('messages go there and back on a connection that is given', () =>
  withServer(async channel => {
    assert.deepEqual(await channel.unary('/t/Echo', [text, text], { text: 'hé' }), { text: 'HÉ' })
    const call = channel.open('/t/Count')
    await call.send(text.encode({ text: '30' }))
    call.end()
    const seen: string[] = []
    for await (const each of call.messages) seen.push(text.decode(each).text.split(' ')[0]!)
    assert.equal(seen.join(), Array.from({ length: 30 }, (_, i) => i).join())
  }))

test('errors carry code, text and details', () =>
  withServer(async channel => {
    await assert.rejects(channel.unary('/t/Fail', [text, text], {}), (error: GrpcError) => {
      assert.deepEqual([error.code, error.message], [codes.notFound, 'not here: 50% é'])
      assert.deepEqual([...error.details!], [1, 2, 3])
      return true
    })
    await assert.rejects(channel.unary('/t/None', [text, text], {}), { code: codes.unimplemented })
  }))

test('a message is decoded as it was encoded, and what is unknown is skipped', () => {
  const inner = message({ name: string(3), map: stringMap(4) })
  const outer = message({ list: subs(2, inner), text: string(9) })
  const bytes = outer.encode({ list: [{ name: 'a', map: { k: 'v', l: '' } }, {}], text: 'z' })
  assert.deepEqual(outer.decode(bytes), {
    list: [
      { name: 'a', map: { k: 'v', l: '' } },
      { name: '', map: {} },
    ],
    text: 'z',
  })
  assert.deepEqual(message({ text: string(9) }).decode(bytes), { text: 'z' })
})
