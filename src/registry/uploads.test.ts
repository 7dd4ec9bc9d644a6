import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type Lab, openLab, sha256 } from '../../test/suites/registry-lab.ts'

const start = async (lab: Lab) => String((await lab.send('POST', '/v2/foo/blobs/uploads/')).headers.Location)

test('chunks must follow one another, and the digest closes them', async () => {
  const lab = openLab()
  const url = await start(lab)
  const first = await lab.send('PATCH', url, 'hel', { 'content-range': '0-2' })
  assert.deepEqual([first.status, first.headers.Range], [202, '0-2'])
  const gap = await lab.send('PATCH', url, 'o', { 'content-range': '4-4' })
  assert.deepEqual([gap.status, gap.headers.Range, gap.headers.Location], [416, '0-2', url])
  assert.deepEqual((await lab.send('GET', url)).headers.Range, '0-2')
  const done = await lab.send('PUT', `${url}?digest=${sha256('hello')}`, 'lo', { 'content-range': '3-4' })
  assert.deepEqual([done.status, done.headers.Location], [201, `/v2/foo/blobs/${sha256('hello')}`])
  assert.equal((await lab.send('GET', url)).code, 'BLOB_UPLOAD_UNKNOWN')
})

test('other bytes than the digest says leave nothing behind', async () => {
  const lab = openLab()
  const url = await start(lab)
  assert.equal((await lab.send('PUT', `${url}?digest=${sha256('hello')}`, 'hullo')).code, 'DIGEST_INVALID')
  assert.equal(lab.context.uploads.size, 0)
  assert.deepEqual(await lab.context.content.list(), [])
})

test('a cut connection keeps what came, and the upload goes on', async () => {
  const lab = openLab()
  const url = await start(lab)
  const cut = Readable.from(
    (async function* () {
      yield Buffer.from('hel')
      throw new Error('aborted')
    })(),
  )
  assert.equal((await lab.send('PATCH', url, cut)).status, 500)
  assert.equal((await lab.send('GET', url)).headers.Range, '0-2')
  assert.equal((await lab.send('PUT', `${url}?digest=${sha256('hello')}`, 'lo')).status, 201)
})

test('an upload belongs to its repository, can be given up, and expires', async () => {
  const lab = openLab()
  const url = await start(lab)
  assert.equal((await lab.send('GET', url.replace('/foo/', '/bar/'))).code, 'BLOB_UPLOAD_UNKNOWN')
  assert.equal((await lab.send('DELETE', url)).status, 204)
  await start(lab)
  lab.clock += 59_000
  await lab.context.uploads.expire()
  assert.equal(lab.context.uploads.size, 1)
  lab.clock += 2_000
  await lab.context.uploads.expire()
  assert.equal(lab.context.uploads.size, 0)
})

test('too many uploads are refused until some have rested; too large ones end', async () => {
  const lab = openLab({ maxOpen: 2, maxBytes: 4 })
  const url = await start(lab)
  await start(lab)
  assert.equal((await lab.send('POST', '/v2/foo/blobs/uploads/')).code, 'TOOMANYREQUESTS')
  assert.equal((await lab.send('PATCH', url, 'hello')).status, 413)
  assert.equal((await lab.send('POST', '/v2/foo/blobs/uploads/')).status, 202)
  lab.clock += 61_000
  assert.equal((await lab.send('POST', '/v2/foo/blobs/uploads/')).status, 202)
})

test('a mount needs no bytes; what cannot be mounted becomes an upload', async () => {
  const lab = openLab()
  const { digest } = await lab.pushBlob('foo', 'hello')
  const mount = (from: string) => lab.send('POST', `/v2/bar/blobs/uploads/?mount=${digest}&from=${from}`)
  assert.equal((await mount('nowhere')).status, 202)
  assert.equal((await mount('..%2Ffoo')).status, 202)
  assert.equal((await lab.send('GET', `/v2/bar/blobs/${digest}`)).code, 'BLOB_UNKNOWN')
  assert.equal((await mount('foo')).status, 201)
  assert.equal((await lab.send('GET', `/v2/bar/blobs/${digest}`)).text, 'hello')
})
