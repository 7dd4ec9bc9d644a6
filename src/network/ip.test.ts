import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AddressPool } from './address-pool.ts'
import { formatIp, parseCidr, parseIp } from './ip.ts'
import { checkIpam } from './ipam-check.ts'
import { dockerPools, pickSubnet } from './subnets.ts'

test('addresses come back in their usual text', () => {
  for (const text of ['10.0.0.1', '::', '::1', 'fd00:1::2', '2001:db8:0:1::', '1:2:3:4:5:6:7:8', 'fe80::1:0:0:1']) {
    const { family, value } = parseIp(text)!
    assert.equal(formatIp(family, value), text)
  }
  assert.equal(formatIp(6, parseIp('::ffff:1.2.3.4')!.value), '::ffff:102:304')
  for (const text of ['', '1.2.3', '::g', 'fe80::1%eth0']) assert.equal(parseIp(text), undefined)
})

test('a pool gives the lowest free address first, and ends', () => {
  const pool = new AddressPool({ Subnet: '10.0.0.0/29', Gateway: '10.0.0.1', AuxiliaryAddresses: { a: '10.0.0.3' } })
  assert.equal(pool.takeNext(), '10.0.0.2')
  assert.equal(pool.takeNext(), '10.0.0.4')
  pool.release('10.0.0.2')
  assert.deepEqual(
    [pool.takeNext(), pool.takeNext(), pool.takeNext(), pool.takeNext()],
    ['10.0.0.2', '10.0.0.5', '10.0.0.6', undefined],
  )
  assert.equal(pool.take('10.0.0.4'), false)
})

test('an ip-range bounds what is given out', () => {
  const pool = new AddressPool({ Subnet: '10.0.0.0/16', IPRange: '10.0.5.0/30', Gateway: '10.0.0.1' })
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => pool.takeNext()),
    ['10.0.5.0', '10.0.5.1', '10.0.5.2', '10.0.5.3', undefined],
  )
})

test('default pools skip what is used', () => {
  const used = ['172.17.0.0/16', '172.18.5.0/24', '172.19.0.0/16', '172.20.0.0/15'].map(text => parseCidr(text)!)
  assert.equal(pickSubnet(dockerPools, 4, used), '172.22.0.0/16')
  assert.throws(
    () => pickSubnet(dockerPools, 4, [parseCidr('0.0.0.0/0')!]),
    /all predefined address pools have been fully subnetted/,
  )
})

test('checkIpam() names all that is wrong, as Docker does', () => {
  const refused = (config: object) => {
    try {
      checkIpam([config])
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  assert.equal(
    refused({ Subnet: '10.0.0.1/24' }),
    'invalid network config:\ninvalid subnet 10.0.0.1/24: it should be 10.0.0.0/24',
  )
  assert.equal(
    refused({ Subnet: '10.99.0.0/24', IPRange: '10.99.0.0/16', AuxiliaryAddresses: { a: '1.2.3.4' } }),
    "invalid network config:\n* invalid ip-range 10.99.0.0/16: CIDR block is bigger than its parent subnet 10.99.0.0/24\n* invalid auxiliary address a: parent subnet 10.99.0.0/24 doesn't contain this address",
  )
})
