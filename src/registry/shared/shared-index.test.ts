import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { startS3 } from '../../../test/suites/s3.ts'
import { S3ContentStore } from '../../content/s3-content-store.ts'
import { S3Objects } from '../../content/s3-objects.ts'
import { digestOf } from '../../spec/digest.ts'
import { Repositories } from '../repositories.ts'
import { SharedIndex } from './shared-index.ts'
import { SharedTables } from './shared-tables.ts'

const server = await startS3()
const dir = mkdtempSync(join(tmpdir(), 'shared-'))
after(async () => {
  rmSync(dir, { recursive: true })
  await server[Symbol.asyncDispose]()
})

/** One of several registries over the same bucket. */
function open(prefix: string, markedMillis = 20_000) {
  const settings = { ...server, prefix }
  const content = new S3ContentStore(settings, dir, { isShared: true })
  const objects = new S3Objects(settings)
  const tables = new SharedTables(objects)
  const repositories = new Repositories(tables)
  const index = new SharedIndex(objects, tables, repositories, content, markedMillis)
  const push = async (bytes: Buffer) => {
    const digest = digestOf(bytes)
    await content.put({ digest, size: bytes.length }, Readable.from([bytes]))
    repositories.link('app', digest, bytes.length)
    const isThere = () => repositories.get('app')?.links.has(digest) === true
    await index.confirm({ repository: 'app', digest }, isThere, () => repositories.unlink('app', digest))
  }
  return { content, index, objects, push, repositories }
}

const bytes = Buffer.from('of a layer')
const digest = digestOf(bytes)

test('bytes that another uses stay; those that nobody uses go', async () => {
  const [one, two] = [open('use/'), open('use/')]
  await one.push(bytes)
  assert.equal(await two.index.deleteUnused(digest), false)
  one.repositories.unlink('app', digest)
  await one.index.flush()
  assert.equal(await two.index.deleteUnused(digest), true)
  assert.equal(await one.content.isStored(digest), false)
})

test('who pushes while a repository is tidied waits, and hears when it was taken', async () => {
  const [one, two] = [open('tidy/'), open('tidy/')]
  await one.push(bytes)
  await two.index.refresh()
  let pushing: Promise<void> | undefined
  await two.index.tidy('app', () => {
    pushing = one.push(bytes) // it is there already: the same record, which the collector takes
    two.repositories.unlink('app', digest)
  })
  const answer = await pushing!.then(
    () => 'taken',
    ({ status }) => status,
  )
  await two.index.refresh()
  const isThere = two.repositories.get('app')?.links.has(digest) ?? false
  assert.equal(answer, isThere ? 'taken' : 503)
})

test('the mark of a collector that was killed holds pushes up for a moment only', async () => {
  const one = open('dead/', 50)
  await one.objects.put(`deleting/${encodeURIComponent(digest)}`, '')
  await one.push(bytes)
  assert.deepEqual([...(await one.objects.list('deleting/'))], [])
})

test('a collector whose bucket is slow gives up instead of deleting late', async () => {
  const [one, slow] = [open('slow/'), open('slow/', 0)]
  await one.push(bytes)
  one.repositories.unlink('app', digest)
  await one.index.flush()
  await assert.rejects(slow.index.deleteUnused(digest), /too slow/)
  assert.equal(await one.content.isStored(digest), true)
  assert.deepEqual([...(await one.objects.list('deleting/'))], [])
})
