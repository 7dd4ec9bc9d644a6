import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChmod } from './chmod.ts'

test('modes are digits or clauses', () => {
  const file = (text: string, mode: number) => parseChmod(text)(mode, false).toString(8)
  assert.equal(file('755', 0o600), '755')
  assert.equal(file('4711', 0o600), '4711')
  assert.equal(file('u=rwX,go=rX', 0o600), '644')
  assert.equal(file('u=rwX,go=rX', 0o700), '755')
  assert.equal(parseChmod('a+X')(0o600, true).toString(8), '711')
  assert.equal(file('go-rwx', 0o777), '700')
  assert.equal(file('+x', 0o644), '755')
  assert.equal(file('g+s', 0o755), '2755')
  for (const bad of ['u', '8', 'z=r', '']) assert.throws(() => parseChmod(bad), /invalid chmod parameter/)
})
