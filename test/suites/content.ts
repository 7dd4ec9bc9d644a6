import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { isEngineError } from '../../src/base/errors.ts'
import type { ContentStore } from '../../src/content/content-store.ts'
import { digestOf } from '../../src/spec/digest.ts'

const hello = Buffer.from('hello, blobs')
const expected = { digest: digestOf(hello), size: hello.length }
const isInvalid = (error: unknown) => isEngineError(error, 'invalid')
const isMissing = (error: unknown) => isEngineError(error, 'not-found')

/** What every content store must do. */
export function contentStoreSuite(name: string, openStore: (dir: string) => ContentStore): void {
  const check = (title: string, body: (store: ContentStore, dir: string) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const dir = mkdtempSync(join(tmpdir(), 'content-'))
      try {
        await body(openStore(dir), dir)
      } finally {
        rmSync(dir, { recursive: true })
      }
    })
  const isEmpty = async (store: ContentStore) => {
    assert.equal(store.has(expected.digest), false)
    assert.deepEqual(await store.list(), [])
  }

  check('put() makes the bytes readable, whole and in part', async store => {
    await store.put(expected, Readable.from([hello.subarray(0, 3), hello.subarray(3)]))
    assert.equal(store.sizeOf(expected.digest), hello.length)
    assert.deepEqual(await store.read(expected.digest), hello)
    assert.equal(Buffer.concat(await store.open(expected.digest, { start: 7, end: 9 }).toArray()).toString(), 'bl')
    assert.deepEqual(await store.list(), [expected])
  })

  check('putFile() keeps what the file holds, also when the file goes', async (store, dir) => {
    const path = join(dir, 'file')
    for (let i = 0; i < 2; i++) {
      writeFileSync(path, hello, { mode: 0o777 })
      assert.deepEqual(await store.putFile(path), expected)
      rmSync(path)
      assert.deepEqual(await store.read(expected.digest), hello)
    }
  })

  check('put() of other bytes leaves nothing behind', async store => {
    await assert.rejects(store.put(expected, Readable.from([Buffer.from('HELLO, blobs')])), isInvalid)
    await isEmpty(store)
  })

  check('put() of too few or too many bytes leaves nothing behind', async store => {
    await assert.rejects(store.put(expected, Readable.from([hello.subarray(1)])), isInvalid)
    await assert.rejects(store.put(expected, Readable.from([hello, hello])), isInvalid)
    await isEmpty(store)
  })

  check('put() of a stream that fails leaves nothing behind', async store => {
    const broken = Readable.from(
      (async function* () {
        yield hello
        throw new Error('cable cut')
      })(),
    )
    await assert.rejects(store.put({ digest: expected.digest }, broken), /cable cut/)
    await isEmpty(store)
  })

  check('copyTo() writes all or a range, and leaves the stream open', async store => {
    await store.putBytes(hello)
    const out = new PassThrough()
    await store.copyTo(expected.digest, out, { start: 7, end: 9 })
    await store.copyTo(expected.digest, out)
    out.end()
    assert.equal(Buffer.concat(await out.toArray()).toString(), `bl${hello}`)
    await assert.rejects(store.copyTo(digestOf('other'), new PassThrough()), isMissing)
  })

  check('a writer may learn its digest last', async store => {
    const commit = async (digest: string) => {
      await using writer = await store.writer()
      await writer.write(hello)
      return await writer.commit(digest)
    }
    await assert.rejects(commit(digestOf('other')), isInvalid)
    await isEmpty(store)
    assert.deepEqual(await commit(expected.digest), expected)
  })

  check('put() of what is there does not read', async store => {
    await store.putBytes(hello)
    const unread = new Readable({ read: () => assert.fail('was read') })
    await store.put(expected, unread)
  })

  check('put() stops when it is cancelled', async store => {
    const controller = new AbortController()
    const endless = new Readable({ read() {} })
    endless.push(hello.subarray(0, 2))
    const result = store.put(expected, endless, { signal: controller.signal })
    controller.abort()
    await assert.rejects(result, (error: unknown) => isEngineError(error, 'cancelled'))
    await isEmpty(store)
  })

  check('putUnknown() tells what it stored', async store => {
    assert.deepEqual(await store.putUnknown(Readable.from([hello])), expected)
    assert.deepEqual(await store.read(expected.digest), hello)
  })

  check('an empty blob is a blob', async store => {
    const digest = await store.putBytes(Buffer.alloc(0))
    assert.equal(store.sizeOf(digest), 0)
    assert.equal((await store.read(digest)).length, 0)
  })

  check('two writers of one blob do not disturb each other', async store => {
    await using one = await store.writer(expected)
    await using two = await store.writer(expected)
    await one.write(hello)
    await two.write(hello)
    assert.equal(two.offset, hello.length)
    await Promise.all([one.commit(), two.commit()])
    assert.deepEqual(await store.read(expected.digest), hello)
  })

  check('what is missing is not found, and deleting it succeeds', async store => {
    assert.throws(() => store.open(expected.digest), isMissing)
    await assert.rejects(store.read(expected.digest), isMissing)
    await store.delete(expected.digest)
    assert.equal(store.has('sha256:../../etc/passwd'), false)
  })

  check('delete() frees the blob', async store => {
    await store.putBytes(hello)
    await store.delete(expected.digest)
    await isEmpty(store)
  })
}
