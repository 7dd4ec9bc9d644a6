import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appArmorOf } from './security.ts'

test('the profile of AppArmor: named, none for privileged ones, else ours; nothing where the kernel has none', () => {
  assert.equal(appArmorOf({}, true), 'berth-default')
  assert.equal(appArmorOf({ Privileged: true }, true), 'unconfined')
  assert.equal(appArmorOf({ SecurityOpt: ['apparmor=mine'], Privileged: true }, true), 'mine')
  assert.equal(appArmorOf({ SecurityOpt: ['apparmor=unconfined'] }, true), 'unconfined')
  assert.equal(appArmorOf({ SecurityOpt: ['apparmor=mine'] }, false), undefined)
})
