import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isEngineError } from '../base/errors.ts'
import { silentLog } from '../base/log.ts'
import { normalizeConfig } from './config.ts'
import { openRegistry } from './open-registry.ts'

test('what was said is there after opening again, half uploads are not, and a root has one user', async () => {
  const root = mkdtempSync(join(tmpdir(), 'registry-'))
  const open = () => openRegistry(normalizeConfig({ root }), silentLog)
  try {
    {
      await using first = await open()
      await assert.rejects(open(), (error: unknown) => isEngineError(error, 'conflict'))
      const digest = await first.context.content.putBytes(Buffer.from('x'))
      first.context.repositories.link('foo', digest)
      first.context.repositories.tag('foo', '1', digest)
    }
    writeFileSync(join(root, 'ingest', 'half'), 'ha')
    await using again = await open()
    assert.deepEqual(readdirSync(join(root, 'ingest')), [])
    assert.deepEqual([...again.context.repositories.get('foo')!.tags.keys()], ['1'])
    assert.equal(again.context.repositories.get('foo')!.links.size, 1)
  } finally {
    rmSync(root, { recursive: true })
  }
})
