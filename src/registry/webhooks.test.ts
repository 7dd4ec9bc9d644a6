import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Database } from '../base/database.ts'
import { silentLog } from '../base/log.ts'
import { Webhooks } from './webhooks.ts'

test('a receiver that fails is told again, also after a restart, and the body is signed', async () => {
  const bodies: { body: string; signature: unknown }[] = []
  let isUp = false
  const server = createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray()).toString()
    if (isUp) bodies.push({ body, signature: req.headers['x-berth-signature'] })
    res.writeHead(isUp ? 204 : 500).end(() => server.emit('answered'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const hooks = [{ url, secret: 'key', repositories: 'team/*' }]
  const db = new Database(':memory:')
  try {
    {
      using first = new Webhooks(hooks, db, silentLog)
      first.emit({ action: 'push', repository: 'other', tag: '1' })
      first.emit({ action: 'push', repository: 'team/app', tag: '1' })
      await once(server, 'answered')
      assert.equal(first.waiting, 1)
    }
    isUp = true
    using second = new Webhooks(hooks, db, silentLog)
    await once(server, 'answered')
    while (second.waiting > 0) await new Promise(resolve => setTimeout(resolve, 5))
    assert.deepEqual([JSON.parse(bodies[0]!.body).repository, bodies.length], ['team/app', 1])
    assert.equal(bodies[0]!.signature, `sha256=${createHmac('sha256', 'key').update(bodies[0]!.body).digest('hex')}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
