import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { contentStoreSuite } from '../../test/suites/content.ts'
import { startS3 } from '../../test/suites/s3.ts'
import { digestOf } from '../spec/digest.ts'
import { S3ContentStore } from './s3-content-store.ts'

const server = await startS3()
after(() => server[Symbol.asyncDispose]())
const open = (dir: string) => new S3ContentStore({ ...server, prefix: `${basename(dir)}/` }, join(dir, 'scratch'))

contentStoreSuite('s3', open)

test('s3: large blobs go in parts, and another process finds them', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'content-'))
  try {
    const bytes = randomBytes((40 << 20) + 7)
    const digest = digestOf(bytes)
    await open(dir).put({ digest, size: bytes.length }, Readable.from([bytes]))
    mkdirSync(join(dir, 'scratch'), { recursive: true })
    writeFileSync(join(dir, 'scratch/1-1'), 'left by a crash')
    const other = open(dir)
    await other.recover()
    assert.deepEqual(await other.list(), [{ digest, size: bytes.length }])
    const found = Buffer.concat(await other.open(digest, { start: 20_000_000 }).toArray())
    assert.ok(found.equals(bytes.subarray(20_000_000)))
    assert.deepEqual(readdirSync(join(dir, 'scratch')), [])
    await other.delete(digest)
    const third = open(dir)
    await third.recover()
    assert.deepEqual(await third.list(), [])
  } finally {
    rmSync(dir, { recursive: true })
  }
})

test('s3: a server that does not know the user is no store', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'content-'))
  const user = process.env.AWS_ACCESS_KEY_ID
  try {
    process.env.AWS_ACCESS_KEY_ID = 'nobody'
    const store = open(dir)
    await assert.rejects(store.putBytes(Buffer.from('x')), /access key/i)
    assert.deepEqual(await store.list(), [])
  } finally {
    process.env.AWS_ACCESS_KEY_ID = user
    rmSync(dir, { recursive: true })
  }
})
