// The registry's duties in the distribution specification 1.1, in its order.
// Spec: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, type Lab, ociIndex, ociManifest, openLab, sha256 } from '../../test/suites/registry-lab.ts'

const zeros = `sha256:${'0'.repeat(64)}`

/** What an answer must be: its status, and headers by pattern. */
function expect(
  answer: Awaited<ReturnType<Lab['send']>>,
  status: number,
  headers: Readonly<Record<string, RegExp>> = {},
): void {
  assert.equal(answer.status, status, answer.text)
  for (const [name, pattern] of Object.entries(headers)) assert.match(String(answer.headers[name]), pattern, name)
}

test('pull: manifests and blobs by GET and HEAD, with their digest, length and type', async () => {
  const { send, pushImage, pushBlob } = openLab()
  const image = await pushImage('app', '1', 'x')
  const about = {
    'Docker-Content-Digest': new RegExp(image.digest),
    'Content-Type': new RegExp(`^${ociManifest.replace('+', '\\+')}$`),
  }
  for (const reference of ['1', image.digest]) {
    const whole = await send('GET', `/v2/app/manifests/${reference}`, '', { accept: ociManifest })
    expect(whole, 200, about)
    assert.equal(sha256(whole.text), image.digest, 'the exact bytes that were pushed')
    const head = await send('HEAD', `/v2/app/manifests/${reference}`)
    expect(head, 200, { ...about, 'Content-Length': new RegExp(`^${image.size}$`) })
    assert.equal(head.text, '')
  }
  const blob = await pushBlob('app', 'hello')
  expect(await send('GET', `/v2/app/blobs/${blob.digest}`), 200, { 'Docker-Content-Digest': new RegExp(blob.digest) })
  expect(await send('HEAD', `/v2/app/blobs/${blob.digest}`), 200, { 'Content-Length': /^5$/ })
  expect(await send('GET', `/v2/app/blobs/${blob.digest}`, '', { range: 'bytes=1-3' }), 206, {
    'Content-Range': /^bytes 1-3\/5$/,
  })
  for (const method of ['GET', 'HEAD'])
    for (const path of ['manifests/none', `manifests/${zeros}`, `blobs/${zeros}`])
      expect(await send(method, `/v2/app/${path}`), 404)
})

test('push: a blob in one request, in two, and in chunks', async () => {
  const { send } = openLab()
  const stored = (bytes: string) => ({ Location: new RegExp(`/v2/app/blobs/${sha256(bytes)}$`) })
  expect(await send('POST', `/v2/app/blobs/uploads/?digest=${sha256('one')}`, 'one'), 201, stored('one'))
  const second = await send('POST', '/v2/app/blobs/uploads/')
  expect(second, 202, { Location: /./ })
  expect(await send('PUT', `${second.headers.Location}?digest=${sha256('two')}`, 'two'), 201, stored('two'))

  const opened = await send('POST', '/v2/app/blobs/uploads/', '', { 'content-length': '0' })
  let at = String(opened.headers.Location)
  const chunk = async (bytes: string, range: string) => {
    const answer = await send('PATCH', at, bytes, { 'content-range': range, 'content-length': String(bytes.length) })
    if (answer.status === 202) at = String(answer.headers.Location)
    return answer
  }
  expect(await chunk('hel', '0-2'), 202, { Location: /./, Range: /^0-2$/ })
  expect(await chunk('ooo', '7-9'), 416)
  expect(await chunk('hel', '0-2'), 416)
  expect(await send('GET', at), 204, { Location: /./, Range: /^0-2$/ })
  expect(await chunk('lo ', '3-5'), 202, { Range: /^0-5$/ })
  const last = await send('PUT', `${at}?digest=${sha256('hello you')}`, 'you', { 'content-range': '6-8' })
  expect(last, 201, stored('hello you'))
  expect(await send('GET', at), 404)

  const streamed = await send('POST', '/v2/app/blobs/uploads/')
  expect(await send('PATCH', String(streamed.headers.Location), 'no range'), 202, { Range: /^0-7$/ })
  const wrong = await send('PUT', `${streamed.headers.Location}?digest=${zeros}`)
  expect(wrong, 400)
  assert.equal(wrong.code, 'DIGEST_INVALID')
  const given = await send('POST', '/v2/app/blobs/uploads/')
  expect(await send('DELETE', String(given.headers.Location)), 204)
  expect(await send('PATCH', String(given.headers.Location), 'x'), 404)
})

test('push: a blob mounted from elsewhere; a mount that cannot be is an upload', async () => {
  const { send, pushBlob } = openLab()
  const { digest } = await pushBlob('app', 'hello')
  const mount = (query: string) => send('POST', `/v2/other/blobs/uploads/?${query}`)
  expect(await mount(`mount=${digest}&from=app`), 201, { Location: new RegExp(`/v2/other/blobs/${digest}$`) })
  expect(await send('HEAD', `/v2/other/blobs/${digest}`), 200)
  expect(await mount(`mount=${zeros}&from=app`), 202, { Location: /./ })
  expect(await mount(`mount=${digest}&from=none`), 202)
  expect(await mount(`mount=${digest}`), 201)
})

test('push: manifests; what they point at must be here, their subject need not', async () => {
  const { send, pushBlob } = openLab()
  const config = await pushBlob('app', '{}')
  const put = (reference: string, manifest: object, type = ociManifest) =>
    send('PUT', `/v2/app/manifests/${reference}`, JSON.stringify(manifest), { 'content-type': type })
  const image = { schemaVersion: 2, mediaType: ociManifest, config, layers: [] }
  const { digest } = describe(JSON.stringify(image))
  expect(await put('1', image), 201, {
    Location: /\/v2\/app\/manifests\//,
    'Docker-Content-Digest': new RegExp(digest),
  })
  expect(await put(digest, image), 201)
  const missing = await put('2', { ...image, layers: [describe('missing')] })
  expect(missing, 400)
  assert.equal(missing.code, 'MANIFEST_BLOB_UNKNOWN')
  expect(await put('3', { ...image, subject: { mediaType: ociManifest, digest: zeros, size: 7 } }), 201, {
    'OCI-Subject': new RegExp(zeros),
  })
  const large = await send('PUT', '/v2/app/manifests/4', ' '.repeat((4 << 20) + 1), { 'content-type': ociManifest })
  expect(large, 413)
})

test('discovery: tags in order and in pages', async () => {
  const { send, pushImage } = openLab()
  for (const tag of ['c', 'a', 'B', '1', 'b']) await pushImage('app', tag, 'x')
  const tags = async (query: string) => {
    const answer = await send('GET', `/v2/app/tags/list${query}`)
    expect(answer, 200)
    return { ...(JSON.parse(answer.text) as { name: string; tags: string[] }), link: answer.headers.Link }
  }
  assert.deepEqual(await tags(''), { name: 'app', tags: ['1', 'B', 'a', 'b', 'c'], link: undefined })
  const page = await tags('?n=2')
  assert.deepEqual(page.tags, ['1', 'B'])
  const next = /<([^>]+)>; rel="next"/.exec(String(page.link))![1]!
  assert.deepEqual(JSON.parse((await send('GET', next)).text).tags, ['a', 'b'])
  assert.deepEqual(await tags('?n=0'), { name: 'app', tags: [], link: undefined })
  assert.deepEqual((await tags('?last=a')).tags, ['b', 'c'])
  expect(await send('GET', '/v2/none/tags/list'), 404)
})

test('discovery: referrers, their types, and the tag of clients that know no referrers', async () => {
  const { send, pushBlob, pushImage } = openLab()
  const subject = await pushImage('app', '1', 'x')
  const config = await pushBlob('app', '{}')
  const put = async (manifest: object, type = ociManifest, tag?: string) => {
    const text = JSON.stringify({ schemaVersion: 2, mediaType: type, ...manifest })
    const reference = tag ?? sha256(text)
    expect(await send('PUT', `/v2/app/manifests/${reference}`, text, { 'content-type': type }), 201)
    return describe(text, type)
  }
  const signature = { artifactType: 'a/signature', config, layers: [], subject, annotations: { by: 'ann' } }
  const signed = await put(signature)
  const plain = await put({ config: { ...config, mediaType: 'b/config' }, layers: [], subject })
  const index = await put({ manifests: [], subject }, ociIndex)
  const referrers = async (query = '') => {
    const answer = await send('GET', `/v2/app/referrers/${subject.digest}${query}`)
    expect(answer, 200, { 'Content-Type': /^application\/vnd\.oci\.image\.index\.v1\+json$/ })
    return { ...JSON.parse(answer.text), filters: answer.headers['OCI-Filters-Applied'] }
  }
  const all = await referrers()
  assert.equal(all.schemaVersion, 2)
  assert.deepEqual(all.manifests, [
    { ...signed, artifactType: 'a/signature', annotations: { by: 'ann' } },
    { ...plain, artifactType: 'b/config' }, // the type of its configuration
    index, // an index without type has none
  ])
  const filtered = await referrers('?artifactType=a/signature')
  assert.deepEqual([filtered.manifests.length, filtered.filters], [1, 'artifactType'])
  const unknown = await send('GET', `/v2/app/referrers/${zeros}`)
  expect(unknown, 200)
  assert.deepEqual(JSON.parse(unknown.text).manifests, [])
  expect(await send('GET', '/v2/app/referrers/sha256:x'), 400)

  const tag = subject.digest.replace(':', '-')
  await put({ manifests: [{ ...signed, artifactType: 'a/signature' }] }, ociIndex, tag)
  expect(await send('GET', `/v2/app/manifests/${tag}`), 200)
  expect(await send('DELETE', `/v2/app/manifests/${plain.digest}`), 202)
  assert.equal((await referrers()).manifests.length, 2)
})

test('management: tags, manifests and blobs are deleted, each but once', async () => {
  const { send, pushImage, pushBlob } = openLab()
  const image = await pushImage('app', '1', 'x')
  await pushImage('app', '2', 'x')
  expect(await send('DELETE', '/v2/app/manifests/1'), 202)
  expect(await send('GET', '/v2/app/manifests/1'), 404)
  expect(await send('GET', '/v2/app/manifests/2'), 200)
  expect(await send('DELETE', `/v2/app/manifests/${image.digest}`), 202)
  expect(await send('GET', '/v2/app/manifests/2'), 404)
  expect(await send('DELETE', `/v2/app/manifests/${image.digest}`), 404)
  const blob = await pushBlob('app', 'free')
  expect(await send('DELETE', `/v2/app/blobs/${blob.digest}`), 202)
  expect(await send('DELETE', `/v2/app/blobs/${blob.digest}`), 404)
})

test('errors: a list of codes and messages, as JSON', async () => {
  const { send } = openLab()
  const answer = await send('GET', '/v2/app/manifests/none')
  expect(answer, 404, { 'Content-Type': /^application\/json/ })
  const { errors } = JSON.parse(answer.text) as { errors: { code: string; message: string }[] }
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['MANIFEST_UNKNOWN'],
  )
  assert.match(errors[0]!.message, /\w/)
  expect(await send('GET', '/v2/'), 200)
})
