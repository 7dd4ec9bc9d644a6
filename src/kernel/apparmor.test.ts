import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { silentLog } from '../base/log.ts'
import { hasAppArmor, openAppArmor } from './apparmor.ts'

const sys = mkdtempSync('/tmp/berth-apparmor-')
after(() => rmSync(sys, { recursive: true }))

/** Files as a kernel with AppArmor shows them. */
function kernel(enabled: string, profiles: string): void {
  mkdirSync(join(sys, 'kernel/security/apparmor'), { recursive: true })
  mkdirSync(join(sys, 'module/apparmor/parameters'), { recursive: true })
  writeFileSync(join(sys, 'module/apparmor/parameters/enabled'), enabled)
  writeFileSync(join(sys, 'kernel/security/apparmor/profiles'), profiles)
}

let calls: (readonly string[])[] = []
beforeEach(() => {
  calls = []
})
const parser = (status: number) => (program: string, args: readonly string[], input: string) => {
  calls.push([program, ...args, input.includes('profile berth-default ') ? 'our profile' : ''])
  return { status }
}

test('a kernel without it, or with it switched off', () => {
  assert.equal(hasAppArmor(join(sys, 'nothing')), false)
  kernel('N\n', '')
  assert.equal(openAppArmor(silentLog, sys, parser(0)), false)
  assert.deepEqual(calls, [])
})

test('the profile is loaded once', () => {
  kernel('Y\n', 'docker-default (enforce)\n')
  assert.equal(openAppArmor(silentLog, sys, parser(0)), true)
  assert.deepEqual(calls, [['apparmor_parser', '-Kr', 'our profile']])
  kernel('Y\n', 'berth-default (enforce)\n')
  assert.equal(openAppArmor(silentLog, sys, parser(1)), true)
  assert.equal(calls.length, 1)
})

test('without a way to load it, containers have none', () => {
  kernel('Y\n', '')
  assert.equal(openAppArmor(silentLog, sys, parser(1)), false)
})
