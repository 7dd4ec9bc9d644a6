import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lab, openLab, sha256 } from '../../test/suites/registry-lab.ts'
import { collectGarbage } from './gc.ts'

const graceMillis = 1000

/** Everything that a manifest points at can be read. */
async function checkWhole({ context: { repositories, content } }: Lab): Promise<void> {
  for (const name of repositories.names()) {
    const { manifests, tags, links } = repositories.get(name)!
    for (const digest of tags.values()) assert.ok(manifests.has(digest))
    for (const { digest, blobs } of manifests.values()) {
      assert.ok(content.has(digest))
      for (const blob of blobs) assert.ok(links.has(blob.digest) && content.has(blob.digest))
    }
    for (const digest of links.keys()) assert.ok(content.has(digest))
  }
}

test('garbage goes after its grace, and what is needed stays', async () => {
  const lab = openLab()
  const kept = await lab.pushImage('foo', '1', 'kept')
  const dropped = await lab.pushImage('foo', 'digest', 'dropped')
  await lab.pushBlob('bar', 'alone')
  assert.equal((await collectGarbage(lab.context, { graceMillis })).blobs, 0)
  lab.clock += graceMillis
  assert.deepEqual(await collectGarbage(lab.context, { graceMillis }), { manifests: 0, links: 1, blobs: 1, bytes: 5 })
  const { manifests, blobs } = await collectGarbage(lab.context, { graceMillis, untagged: true })
  assert.deepEqual([manifests, blobs], [1, 3])
  assert.equal((await lab.send('GET', `/v2/foo/manifests/${dropped.digest}`)).code, 'MANIFEST_UNKNOWN')
  assert.equal((await lab.send('GET', `/v2/foo/manifests/${kept.digest}`)).status, 200)
  assert.equal((await lab.send('GET', '/v2/_catalog')).text, '{"repositories":["foo"]}')
})

test('what refers to a kept manifest, and what an index holds, is kept', async () => {
  const lab = openLab()
  const child = await lab.pushImage('foo', 'digest', 'child')
  await lab.pushImage('foo', 'digest', 'signature', { subject: child })
  const index = JSON.stringify({ schemaVersion: 2, manifests: [child] })
  await lab.send('PUT', '/v2/foo/manifests/i', index, { 'content-type': 'application/vnd.oci.image.index.v1+json' })
  assert.equal((await lab.send('DELETE', `/v2/foo/manifests/${child.digest}`)).code, 'UNSUPPORTED')
  lab.clock += graceMillis
  assert.equal((await collectGarbage(lab.context, { graceMillis, untagged: true })).manifests, 0)
  await lab.send('DELETE', '/v2/foo/manifests/i')
  assert.equal((await collectGarbage(lab.context, { graceMillis, untagged: true })).manifests, 3)
  assert.deepEqual(await lab.context.content.list(), [])
})

test('asking for a blob or manifest keeps it for another grace', async () => {
  const lab = openLab()
  const { digest } = await lab.pushBlob('foo', 'old')
  const image = await lab.pushImage('foo', 'digest', 'one')
  const grace = 24 * 3600_000
  lab.clock += grace
  assert.equal((await lab.send('HEAD', `/v2/foo/blobs/${digest}`)).status, 200)
  assert.equal((await lab.send('HEAD', `/v2/foo/manifests/${image.digest}`)).status, 200)
  const { manifests, blobs } = await collectGarbage(lab.context, { graceMillis: grace, untagged: true })
  assert.deepEqual([manifests, blobs], [0, 0])
})

/** A generator of numbers below `n` that always gives the same. */
function seeded(seed: number): (n: number) => number {
  let state = seed
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

test('pushes, deletes and collections at once never leave half of anything', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const lab = openLab({ maxOpen: 1000 })
    const below = seeded(seed)
    const name = () => ['foo', 'bar'][below(2)]!
    const actions: readonly (() => Promise<unknown>)[] = [
      () => lab.pushImage(name(), `t${below(3)}`, `s${below(5)}`),
      () => lab.pushBlob(name(), `layer of s${below(5)}`),
      () => lab.send('POST', `/v2/foo/blobs/uploads/?mount=${sha256(`layer of s${below(5)}`)}&from=bar`),
      () => lab.send('DELETE', `/v2/${name()}/manifests/t${below(3)}`),
      () => lab.send('DELETE', `/v2/${name()}/blobs/${sha256(`layer of s${below(5)}`)}`),
      () => collectGarbage(lab.context, { graceMillis: below(2) * graceMillis, untagged: below(2) === 0 }),
    ]
    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => actions[below(actions.length)]!()))
      // without grace a push may find its blobs gone: it is told so, and nothing half is stored
      for (const result of results)
        if (result.status === 'rejected') assert.match(String(result.reason), /MANIFEST_BLOB_UNKNOWN/)
      await checkWhole(lab)
      lab.clock += below(2) * graceMillis
    }
    for (const repository of ['foo', 'bar'])
      for (let tag = 0; tag < 3; tag++) await lab.send('DELETE', `/v2/${repository}/manifests/t${tag}`)
    await collectGarbage(lab.context, { graceMillis: 0, untagged: true })
    assert.deepEqual(await lab.context.content.list(), [], `seed ${seed}`)
  }
})
