import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ociIndex, openLab } from '../../test/suites/registry-lab.ts'

test('tags and repositories come in pages, in the order of their bytes', async () => {
  const lab = openLab()
  for (const tag of ['b', 'a', 'C', 'd']) await lab.pushImage('foo', tag, 'one')
  await lab.pushImage('bar', '1', 'one')
  const tags = async (query: string) => {
    const { text, headers } = await lab.send('GET', `/v2/foo/tags/list${query}`)
    return [JSON.parse(text).tags, headers.Link]
  }
  assert.deepEqual(await tags(''), [['C', 'a', 'b', 'd'], undefined])
  assert.deepEqual(await tags('?n=2'), [['C', 'a'], '</v2/foo/tags/list?last=a&n=2>; rel="next"'])
  assert.deepEqual(await tags('?last=a&n=2'), [['b', 'd'], undefined])
  assert.deepEqual(await tags('?n=0'), [[], undefined])
  const catalog = await lab.send('GET', '/v2/_catalog?n=1')
  assert.deepEqual(JSON.parse(catalog.text), { repositories: ['bar'] })
})

test('referrers are found by subject, also before it is pushed, and filtered by type', async () => {
  const lab = openLab()
  const subject = { mediaType: 'a/b', digest: `sha256:${'1'.repeat(64)}`, size: 3 }
  const annotations = { who: 'me' }
  const sbom = await lab.pushImage('foo', 'digest', 'sbom', { subject, artifactType: 'x/sbom', annotations })
  const index = JSON.stringify({ schemaVersion: 2, manifests: [], subject, artifactType: 'x/index' })
  const put = await lab.send('PUT', '/v2/foo/manifests/i', index, { 'content-type': ociIndex })
  assert.equal(put.headers['OCI-Subject'], subject.digest)
  const list = async (query: string) => lab.send('GET', `/v2/foo/referrers/${subject.digest}${query}`)
  const all = await list('')
  assert.equal(all.headers['Content-Type'], ociIndex)
  assert.equal(JSON.parse(all.text).manifests.length, 2)
  const filtered = await list('?artifactType=x%2Fsbom')
  assert.equal(filtered.headers['OCI-Filters-Applied'], 'artifactType')
  assert.deepEqual(JSON.parse(filtered.text).manifests, [{ ...sbom, artifactType: 'x/sbom', annotations }])
  const none = await lab.send('GET', `/v2/never/referrers/${subject.digest}`)
  assert.deepEqual([none.status, JSON.parse(none.text).manifests], [200, []])
})
