import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sealedProgram } from './sealed-program.ts'

test('the copy runs, cannot be written to, and follows the file', () => {
  const dir = mkdtempSync('/tmp/berth-sealed-')
  try {
    const program = join(dir, 'program')
    writeFileSync(program, '#!/bin/sh\necho one\n')
    chmodSync(program, 0o755)
    const copy = sealedProgram(program).replace('self', String(process.pid))
    assert.match(copy, /^\/proc\/\d+\/fd\/\d+$/)
    assert.equal(execFileSync('sh', [copy], { encoding: 'utf8' }), 'one\n')
    assert.throws(() => writeFileSync(openSync(copy, 'r+'), 'echo two\n'), { code: 'EPERM' })
    assert.equal(sealedProgram(program), sealedProgram(program))
    writeFileSync(program, '#!/bin/sh\necho another\n')
    const next = sealedProgram(program).replace('self', String(process.pid))
    assert.equal(execFileSync('sh', [next], { encoding: 'utf8' }), 'another\n')
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('what cannot be copied keeps its path', () => {
  assert.equal(sealedProgram('/nonexistent/program'), '/nonexistent/program')
})
