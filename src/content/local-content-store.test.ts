import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { contentStoreSuite } from '../../test/suites/content.ts'
import { isEngineError } from '../base/errors.ts'
import { digestOf, hexOf } from '../spec/digest.ts'
import { LocalContentStore } from './local-content-store.ts'

contentStoreSuite('local', dir => new LocalContentStore(dir))

test('local: recover() removes what a crash left half written', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'content-'))
  try {
    const store = new LocalContentStore(dir)
    writeFileSync(join(dir, 'ingest', 'half'), 'ha')
    await store.recover()
    assert.deepEqual(readdirSync(join(dir, 'ingest')), [])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('local: read() notices bytes that the disk changed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'content-'))
  try {
    const store = new LocalContentStore(dir)
    const digest = await store.putBytes(Buffer.from('sound'))
    writeFileSync(join(dir, 'blobs', 'sha256', hexOf(digest)), 'spoil')
    assert.equal(digest, digestOf('sound'))
    await assert.rejects(store.read(digest), (error: unknown) => isEngineError(error, 'invalid'))
  } finally {
    rmSync(dir, { recursive: true })
  }
})
