import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChallenges } from './auth.ts'
import { isInsecure } from './endpoints.ts'
import { parseRetryAfter } from './registry-error.ts'

test('a bearer challenge is taken apart', () => {
  const [challenge] = parseChallenges(
    'Bearer realm="https://auth.x/token",service="registry.x",scope="repository:a/b:pull,push"',
  )
  assert.equal(challenge?.scheme, 'bearer')
  assert.deepEqual(
    [...challenge!.parameters],
    [
      ['realm', 'https://auth.x/token'],
      ['service', 'registry.x'],
      ['scope', 'repository:a/b:pull,push'],
    ],
  )
})

test('several challenges, plain values and any case are understood', () => {
  const found = parseChallenges('Basic realm=x, bearer Realm="y \\"z\\""')
  assert.deepEqual(
    found.map(({ scheme }) => scheme),
    ['basic', 'bearer'],
  )
  assert.equal(found[1]?.parameters.get('realm'), 'y "z"')
})

test('loopback addresses, and hosts and networks that were named, are insecure', () => {
  const rules = ['10.1.0.0/16', 'reg.local:5000', 'bare.local']
  for (const host of [
    '127.0.0.1:5000',
    '127.9.9.9',
    'localhost:1',
    '[::1]:5000',
    '10.1.2.3:5000',
    'reg.local:5000',
    'bare.local:99',
  ])
    assert.equal(isInsecure(host, rules), true, host)
  for (const host of ['10.2.0.1', 'reg.local', 'docker.io', '128.0.0.1', '[::2]'])
    assert.equal(isInsecure(host, rules), false, host)
})

test('Retry-After is seconds or a date', () => {
  assert.equal(parseRetryAfter('7'), 7)
  assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 30_000), 30)
  assert.equal(parseRetryAfter('Thu, 01 Jan 1970 00:00:00 GMT', 30_000), 0)
  assert.equal(parseRetryAfter('soon'), undefined)
  assert.equal(parseRetryAfter(undefined), undefined)
})
