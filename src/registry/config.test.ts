import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalizeConfig, parseAddr, toFixedTags } from './config.ts'

test('settings are checked by name and type', () => {
  assert.equal(normalizeConfig({}).addr, '127.0.0.1:5000')
  assert.throws(() => normalizeConfig({ adr: 'x' }), /unknown setting "adr"/)
  assert.throws(() => normalizeConfig({ constructor: 'x' }), /unknown setting "constructor"/)
  assert.throws(() => normalizeConfig({ maxUploads: '3' }), /"maxUploads" must be a number/)
  assert.throws(() => normalizeConfig({ anonymous: 'write' }), /must be "read" or "none"/)
})

test('without passwords only this machine is served', () => {
  assert.throws(() => normalizeConfig({ addr: '0.0.0.0:5000' }), /without "htpasswd"/)
  assert.throws(() => normalizeConfig({ addr: ':5000' }), /without "htpasswd"/)
  assert.equal(normalizeConfig({ addr: ':5000', open: true }).open, true)
  assert.equal(normalizeConfig({ addr: '[::1]:5000' }).addr, '[::1]:5000')
  assert.equal(normalizeConfig({ addr: '0.0.0.0:5000', htpasswd: '/x' }).htpasswd, '/x')
})

test('parseAddr() splits host and port', () => {
  assert.deepEqual(parseAddr('[::1]:80'), { host: '::1', port: 80 })
  assert.deepEqual(parseAddr(':80'), { host: '0.0.0.0', port: 80 })
  for (const wrong of ['80', 'a', 'a:99999', 'a:b:1', '']) assert.throws(() => parseAddr(wrong), /invalid address/)
})

test('an immutable tag matches as a whole', () => {
  const isFixed = toFixedTags(normalizeConfig({ immutableTags: 'v1|v2' }))
  assert.deepEqual(['v1', 'v2', 'v11', 'xv1'].map(isFixed), [true, true, false, false])
  assert.throws(() => toFixedTags(normalizeConfig({ immutableTags: '(' })), /"immutableTags"/)
  assert.throws(() => normalizeConfig({ tlsCert: 'a.pem' }), /need each other/)
})
