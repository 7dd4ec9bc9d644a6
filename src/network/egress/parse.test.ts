import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEgress } from './parse.ts'

const short = (text: string) =>
  parseEgress(text).map(({ name, cidr, ports, protocol }) =>
    [name ?? cidr, ports?.join('-'), protocol].filter(Boolean).join(' '),
  )

test('names, addresses and nets with ports and protocols', () => {
  assert.deepEqual(short('Registry.NPMjs.org:443, *.debian.org  10.1.2.3/16:5432/tcp\n192.0.2.7:8000-8010'), [
    'registry.npmjs.org 443-443',
    '*.debian.org',
    '10.1.0.0/16 5432-5432 tcp',
    '192.0.2.7/32 8000-8010',
  ])
  assert.deepEqual(short('[fd00::1]:53/udp fd00::/8 [fd00::2] 192.0.2.0/24/udp'), [
    'fd00::1/128 53-53 udp',
    'fd00::/8',
    'fd00::2/128',
    '192.0.2.0/24 udp',
  ])
  assert.deepEqual(short(' '), [])
})

test('what is neither is refused with the entry', () => {
  for (const text of [
    'a:0',
    'a:70000',
    'a:9-8',
    '10.0.0.0/33',
    '1.2.3',
    'a b:x',
    'a/b',
    '-x',
    'a..b',
    '*a.b',
    'a:1/icmp',
  ])
    assert.throws(() => parseEgress(text), /^EngineError: invalid entry ".*" in label berth.egress: /, text)
})
