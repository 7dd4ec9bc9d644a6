import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLab, sha256 } from '../../test/suites/registry-lab.ts'

const zeros = `sha256:${'0'.repeat(64)}`

test('every wrong request has its OCI code', async () => {
  const { send } = openLab()
  const oci = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
  const cases: readonly [string, string, number, string, string?][] = [
    ['GET', '/v2/foo/tags/list', 404, 'NAME_UNKNOWN'],
    ['GET', '/v2/foo/manifests/latest', 404, 'MANIFEST_UNKNOWN'],
    ['GET', `/v2/foo/manifests/${zeros}`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/foo/manifests/sha256:aa', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/foo/manifests/-bad', 400, 'TAG_INVALID'],
    ['GET', '/v2/FOO/manifests/latest', 400, 'NAME_INVALID'],
    ['GET', `/v2/foo/blobs/${zeros}`, 404, 'BLOB_UNKNOWN'],
    ['HEAD', `/v2/foo/blobs/${zeros}`, 404, 'BLOB_UNKNOWN'],
    ['GET', '/v2/foo/blobs/sha256:aa', 400, 'DIGEST_INVALID'],
    ['DELETE', `/v2/foo/blobs/${zeros}`, 404, 'BLOB_UNKNOWN'],
    ['DELETE', '/v2/foo/manifests/nope', 404, 'MANIFEST_UNKNOWN'],
    ['PATCH', '/v2/foo/blobs/uploads/abc', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['PUT', '/v2/foo/blobs/uploads/abc', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['POST', '/v2/foo/manifests/latest', 405, 'UNSUPPORTED'],
    ['PUT', '/v2/_catalog', 405, 'UNSUPPORTED'],
    ['PUT', '/v2/foo/manifests/latest', 400, 'MANIFEST_INVALID', 'junk'],
    ['PUT', '/v2/foo/manifests/latest', 400, 'MANIFEST_INVALID', '{"schemaVersion":1}'],
    ['PUT', '/v2/foo/manifests/latest', 413, 'SIZE_INVALID', 'x'.repeat((4 << 20) + 1)],
    ['PUT', `/v2/foo/manifests/${zeros}`, 400, 'DIGEST_INVALID', '{"schemaVersion":2}'],
    ['GET', '/v2/_catalog?n=abc', 400, 'PAGINATION_NUMBER_INVALID'],
    ['GET', '/elsewhere', 404, 'NAME_UNKNOWN'],
  ]
  for (const [method, url, status, code, body] of cases) {
    const answer = await send(method, url, body, oci)
    assert.deepEqual([answer.status, answer.code], [status, code], `${method} ${url}`)
  }
})

test('hostile names and references reach nothing', async () => {
  const { send, context } = openLab()
  const names = [
    '../../etc',
    '..',
    'a/../b',
    '%2e%2e/b',
    'a%2f..%2fb',
    'a//b',
    '.a',
    'a/',
    'a%00b',
    'x'.repeat(256),
    '__proto__',
  ]
  for (const name of names) {
    const answer = await send('POST', `/v2/${name}/blobs/uploads/`)
    assert.ok(answer.status === 400 || answer.status === 404, `${name}: ${answer.status}`)
  }
  for (const reference of ['..%2f..%2fpasswd', `sha256:..%2f${'0'.repeat(61)}`, '%ff', 'a'.repeat(129)]) {
    const answer = await send('GET', `/v2/foo/manifests/${reference}`)
    assert.ok(answer.status === 400 || answer.status === 404, `${reference}: ${answer.status}`)
  }
  assert.equal(context.uploads.size, 0)
})

test('a name may hold words that routes use', async () => {
  const lab = openLab()
  await lab.pushImage('blobs/uploads/manifests', 'tags', 'one')
  assert.equal((await lab.send('GET', '/v2/blobs/uploads/manifests/manifests/tags')).status, 200)
})

test('a blob is read whole, in ranges, and not beyond its repository', async () => {
  const lab = openLab()
  const { digest } = await lab.pushBlob('foo', 'hello')
  const get = (range: string) => lab.send('GET', `/v2/foo/blobs/${digest}`, '', { range })
  const head = await lab.send('HEAD', `/v2/foo/blobs/${digest}`)
  assert.deepEqual([head.status, head.headers['Content-Length'], head.text], [200, 5, ''])
  assert.equal((await get('')).text, 'hello')
  const part = await get('bytes=1-2')
  assert.deepEqual([part.status, part.text, part.headers['Content-Range']], [206, 'el', 'bytes 1-2/5'])
  assert.equal((await get('bytes=-2')).text, 'lo')
  assert.equal((await get('bytes=3-99')).text, 'lo')
  const beyond = await get('bytes=9-')
  assert.deepEqual([beyond.status, beyond.headers['Content-Range']], [416, 'bytes */5'])
  assert.equal((await lab.send('GET', `/v2/bar/blobs/${digest}`)).code, 'BLOB_UNKNOWN')
})

test('a manifest is stored once all it points at is here', async () => {
  const lab = openLab()
  const manifest = JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: 'a/b', digest: sha256('{}'), size: 2 },
    layers: [],
  })
  const put = () =>
    lab.send('PUT', '/v2/foo/manifests/1', manifest, { 'content-type': 'application/vnd.oci.image.manifest.v1+json' })
  assert.deepEqual((await put()).code, 'MANIFEST_BLOB_UNKNOWN')
  await lab.pushBlob('bar', '{}')
  assert.deepEqual((await put()).code, 'MANIFEST_BLOB_UNKNOWN', 'another repository does not count')
  await lab.pushBlob('foo', '{}')
  const stored = await put()
  assert.deepEqual([stored.status, stored.headers['Docker-Content-Digest']], [201, sha256(manifest)])
  const got = await lab.send('GET', '/v2/foo/manifests/1')
  assert.deepEqual([got.text, got.headers['Content-Type']], [manifest, 'application/vnd.oci.image.manifest.v1+json'])
  assert.equal((await lab.send('DELETE', `/v2/foo/blobs/${sha256('{}')}`)).code, 'UNSUPPORTED', 'it is in use')
})

test('deleting a tag keeps the manifest, deleting the manifest takes its tags', async () => {
  const lab = openLab()
  const { digest } = await lab.pushImage('foo', '1', 'one')
  await lab.pushImage('foo', '2', 'one')
  assert.equal((await lab.send('DELETE', '/v2/foo/manifests/1')).status, 202)
  assert.equal((await lab.send('GET', '/v2/foo/manifests/1')).code, 'MANIFEST_UNKNOWN')
  assert.equal((await lab.send('GET', `/v2/foo/manifests/${digest}`)).status, 200)
  assert.equal((await lab.send('DELETE', `/v2/foo/manifests/${digest}`)).status, 202)
  assert.equal((await lab.send('GET', '/v2/foo/manifests/2')).code, 'MANIFEST_UNKNOWN')
})

test('an immutable tag is set once and cannot be taken away', async () => {
  const lab = openLab()
  const { digest } = await lab.pushImage('foo', 'fixed-1', 'one')
  await lab.pushImage('foo', 'fixed-1', 'one')
  await assert.rejects(lab.pushImage('foo', 'fixed-1', 'two'), /DENIED/)
  assert.equal((await lab.send('DELETE', '/v2/foo/manifests/fixed-1')).code, 'DENIED')
  assert.equal((await lab.send('DELETE', `/v2/foo/manifests/${digest}`)).code, 'DENIED')
  assert.equal((await lab.send('HEAD', '/v2/foo/manifests/fixed-1')).headers['Docker-Content-Digest'], digest)
})
