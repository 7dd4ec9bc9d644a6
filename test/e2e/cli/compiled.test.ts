import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../../..')

// compose's .env lies in many folders; what it says to compose must not reach us
test("the compiled client leaves a folder's .env alone", { timeout: 60_000 }, () => {
  execFileSync(join(root, 'scripts/build-client'))
  const dir = mkdtempSync('/var/tmp/berth-compiled-')
  try {
    writeFileSync(join(dir, '.env'), 'DOCKER_CONTEXT=stray\n')
    const options = { cwd: dir, env: { PATH: process.env.PATH, HOME: dir }, encoding: 'utf8' } as const
    assert.equal(execFileSync(join(root, 'dist/berth'), ['context', 'show'], options), 'default\n')
    assert.equal(execFileSync(join(root, 'bin/berth'), ['context', 'show'], options), 'default\n')
  } finally {
    rmSync(dir, { recursive: true })
  }
})
