import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { join } from './hijack.ts'

test('output waits until the client has read the head, input does not', async () => {
  const [clientEnd, client] = duplexPair()
  const [processEnd, process] = duplexPair()
  let isUnread = true
  join(client, process, () => isUnread)
  processEnd.write('output')
  clientEnd.write('input')
  await delay(20)
  assert.equal(clientEnd.read(), null)
  assert.equal(String(processEnd.read()), 'input')
  isUnread = false
  await delay(20)
  assert.equal(String(clientEnd.read()), 'output')
  processEnd.end('more')
  const rest = await clientEnd.toArray()
  assert.equal(String(Buffer.concat(rest)), 'more')
})
