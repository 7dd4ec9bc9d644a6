import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { since } from './since.ts'

test('a big log is entered shortly before the moment', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'berth-since-'))
  try {
    const path = join(dir, 'log')
    const entry = (i: number) => `{"log":"${i}\\n","stream":"stdout","time":"${new Date(i * 1000).toISOString()}"}\n`
    writeFileSync(path, Array.from({ length: 50_000 }, (_, i) => entry(i)).join(''))
    const [position] = await since([{ path, offset: 0 }], 40_000_000_000_000n)
    const rest = readFileSync(path).subarray(position!.offset).toString().split('\n')
    const first = JSON.parse(rest[0]!) as { log: string }
    assert.ok(Number(first.log) <= 40_000 && Number(first.log) > 37_000, first.log)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
