import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLab, sha256 } from '../../test/suites/registry-lab.ts'
import { RateLimiter } from './rate-limit.ts'
import { expiredTags } from './retention.ts'
import { scrub } from './scrub.ts'

test('a repository takes as many bytes as its quota says, each blob once', async () => {
  const lab = openLab({ quotas: [{ repositories: 'small/*', bytes: 10 }] })
  await lab.pushBlob('small/a', '12345678')
  await lab.pushBlob('small/a', '12345678')
  await assert.rejects(lab.pushBlob('small/a', 'abc'), /DENIED.*quota exceeded/)
  await lab.pushBlob('small/a', 'ab')
  await lab.pushBlob('other/a', '12345678901')
  const mount = `/v2/small/b/blobs/uploads/?mount=${sha256('12345678901')}&from=other/a`
  assert.equal((await lab.send('POST', mount)).code, 'DENIED')
  assert.equal(lab.context.uploads.size, 0)
  await lab.send('DELETE', `/v2/small/a/blobs/${sha256('12345678')}`)
  assert.equal(lab.context.repositories.bytesOf('small/a'), 2)
})

test('an address that asks too often is told when to come again', async () => {
  const limiter = new RateLimiter({ perSecond: 2, burst: 3 }, () => lab.clock)
  const lab = openLab({ limiter })
  for (let i = 0; i < 3; i++) assert.equal((await lab.send('GET', '/v2/')).status, 200)
  const refused = await lab.send('GET', '/v2/')
  assert.deepEqual([refused.status, refused.headers['Retry-After']], [429, '1'])
  assert.equal((await lab.send('GET', '/healthz')).status, 200)
  lab.clock += 500
  assert.equal((await lab.send('GET', '/v2/')).status, 200)
  lab.clock -= 3_600_000 // a clock set back neither locks out nor pays out
  assert.equal((await lab.send('GET', '/v2/')).status, 429)
})

test('expiredTags() keeps the newest, the young and the excepted', () => {
  const day = 24 * 3600_000
  const tags = new Map(['a', 'b', 'c', 'd', 'v1'].map((tag, i) => [tag, i * day]))
  const none = () => false
  const rule = { repositories: '**', except: 'v.*' }
  assert.deepEqual(expiredTags({ ...rule, keepTags: 2 }, tags, 10 * day, none), ['b', 'a'])
  assert.deepEqual(expiredTags({ ...rule, keepDays: 8 }, tags, 10 * day, none), ['b', 'a'])
  assert.deepEqual(expiredTags({ ...rule, keepTags: 1, keepDays: 9 }, tags, 10 * day, none), ['a'])
  assert.deepEqual(
    expiredTags({ ...rule, keepTags: 2 }, tags, 10 * day, tag => tag === 'a'),
    ['b'],
  )
})

test('a damaged blob is found and taken away, so that it can be pushed again', async () => {
  const lab = openLab()
  const image = await lab.pushImage('foo', '1', 'one')
  await lab.pushImage('foo', '2', 'two')
  const layer = sha256('layer of one')
  const { content } = lab.context
  const open = content.open.bind(content)
  content.open = (digest, range) => open(digest === layer ? sha256('layer of two') : digest, range)
  assert.deepEqual((await scrub(lab.context)).damaged, [layer])
  content.open = open
  assert.equal((await lab.send('GET', `/v2/foo/blobs/${layer}`)).code, 'BLOB_UNKNOWN')
  await lab.pushBlob('foo', 'layer of one')
  assert.deepEqual((await scrub(lab.context)).damaged, [])
  assert.equal((await lab.send('GET', `/v2/foo/manifests/${image.digest}`)).status, 200)
})

test('pushes and deletes are told', async () => {
  const lab = openLab()
  const { digest } = await lab.pushImage('foo', '1', 'one')
  await lab.send('DELETE', '/v2/foo/manifests/1')
  await lab.send('DELETE', `/v2/foo/manifests/${digest}`)
  assert.deepEqual(
    lab.events.map(({ action, tag, user }) => [action, tag, user]),
    [
      ['push', '1', 'anybody'],
      ['untag', '1', 'anybody'],
      ['delete', undefined, 'anybody'],
    ],
  )
})

test('pages show names as text, whatever they hold', async () => {
  const lab = openLab()
  await lab.pushImage('foo/bar', '1', 'one')
  assert.match((await lab.send('GET', '/ui/')).text, /<a href="\/ui\/foo\/bar">foo\/bar<\/a>/)
  const tags = await lab.send('GET', '/ui/foo/bar')
  assert.match(tags.text, /<a href="\/ui\/foo\/bar:1">1<\/a>/)
  assert.match(String(tags.headers['Content-Security-Policy']), /default-src 'none'/)
  assert.match((await lab.send('GET', '/ui/foo/bar:1')).text, /layer 1/)
  for (const path of ['/ui/<script>', '/ui/foo/bar:<b>', '/ui/nope', '/ui/%zz'])
    assert.equal((await lab.send('GET', path)).status, 404, path)
})
