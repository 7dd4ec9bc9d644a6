import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DnsConfig } from '../../spec/dns-config.ts'
import { decide } from './answer.ts'
import { buildReply, parseQuery, parseReverse, rcodes, types } from './message.ts'

const config: DnsConfig = {
  names: { web: ['10.0.0.2', '10.0.0.3'], 'web.blue': ['10.0.0.2', '10.0.0.3'] },
  reverse: { '10.0.0.2': 'web.blue', 'fd00::5': 'six.blue' },
  upstreams: ['9.9.9.9'],
  upstreamsInside: false,
  internal: false,
}

const ask = (name: string, type: number, edns = false): Buffer => {
  const labels = name.split('.').map(label => Buffer.from([label.length, ...Buffer.from(label)]))
  const head = Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, edns ? 1 : 0])
  const opt = edns ? [Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0])] : []
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1]), ...opt])
}
const query = (name: string, type: number) => parseQuery(ask(name, type))!

test('a known name has its addresses, each first in its turn', () => {
  const first = (turn: number) => {
    const decision = decide(query('WEB', types.A), config, turn)
    return decision === 'forward' ? decision : decision.answers[0]!.value
  }
  assert.deepEqual([first(0), first(1), first(2)], ['10.0.0.2', '10.0.0.3', '10.0.0.2'])
})

test('a known name without that family is no error and is not forwarded', () => {
  assert.deepEqual(decide(query('web', types.AAAA), config, 0), { rcode: rcodes.noError, answers: [] })
})

test('other names and other types go on, but from internal networks nothing does', () => {
  assert.equal(decide(query('example.org', types.A), config, 0), 'forward')
  assert.equal(decide(query('constructor', types.A), config, 0), 'forward')
  assert.equal(decide(query('web', 33), config, 0), 'forward', 'SRV')
  assert.deepEqual(decide(query('web', 15), config, 0), { rcode: 0, answers: [] }, 'MX')
  const internal = { ...config, internal: true }
  assert.deepEqual(decide(query('example.org', types.A), internal, 0), { rcode: rcodes.serverFailure, answers: [] })
})

test('reverse names of both families', () => {
  const reverse = decide(query('2.0.0.10.in-addr.arpa', types.PTR), config, 0)
  assert.deepEqual(reverse, { rcode: 0, answers: [{ type: types.PTR, value: 'web.blue' }] })
  const six = `5${'.0'.repeat(29)}.d.f.ip6.arpa`
  assert.equal(parseReverse(six), 'fd00:0000:0000:0000:0000:0000:0000:0005')
})

test('a reply keeps id, case and EDNS, and is cut where the client takes less', () => {
  const parsed = parseQuery(ask('WeB', types.A, true))!
  assert.equal(parsed.udpSize, 1232)
  const reply = buildReply(parsed, 0, [{ type: types.A, value: '10.0.0.2' }])
  assert.equal(reply.readUInt16BE(0), 0x1234)
  assert.ok(reply.includes(Buffer.from('WeB')))
  assert.deepEqual([reply.readUInt16BE(6), reply.readUInt16BE(10)], [1, 1])
  const many = Array.from({ length: 100 }, () => ({ type: types.A, value: '10.0.0.2' }))
  const cut = buildReply(parsed, 0, many, 512)
  assert.equal(cut[2]! & 2, 2)
  assert.ok(cut.length < 512)
})

test('nonsense is no query', () => {
  const bad = [Buffer.alloc(0), Buffer.alloc(12), Buffer.alloc(600, 0xff), ask('web', 1).subarray(0, 18)]
  for (const data of bad) assert.equal(parseQuery(data), undefined)
  const pointer = Buffer.concat([ask('web', 1).subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])])
  assert.equal(parseQuery(pointer), undefined)
})
