import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCidr } from './ip.ts'
import { dockerPools, pickSubnet } from './subnets.ts'

const pick = (pools: Parameters<typeof pickSubnet>[0], family: 4 | 6, ...used: string[]) =>
  pickSubnet(
    pools,
    family,
    used.map(text => parseCidr(text)!),
  )

test('the first subnet that clashes with nothing', () => {
  assert.equal(pick(dockerPools, 4), '172.17.0.0/16')
  assert.equal(pick(dockerPools, 4, '172.18.5.0/24', '172.17.0.0/16'), '172.19.0.0/16')
  assert.equal(pick(dockerPools, 4, '172.16.0.0/12'), '192.168.0.0/20')
  assert.equal(pick(dockerPools, 4, '172.16.0.0/12', '192.168.0.0/24', '192.168.3.0/24'), '192.168.16.0/20')
  const small = [{ base: '10.0.0.0/23', size: 24 }]
  assert.equal(pick(small, 4, '10.0.0.128/25'), '10.0.1.0/24')
  assert.equal(pick(small, 4, '9.0.0.0/8', '10.0.0.0/25', '10.0.0.3/32'), '10.0.1.0/24')
  assert.throws(() => pick(small, 4, '10.0.0.0/24', '10.0.1.7/32'), /fully subnetted/)
  assert.equal(pick([{ base: 'fd00::/62', size: 64 }], 6, 'fd00::/64', '10.0.0.0/8'), 'fd00:0:0:1::/64')
})
