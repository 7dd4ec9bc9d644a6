import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { CheckMessage } from '../../../src/spec/engine-api/engine.ts'
import { type Harness, openImages } from './harness.ts'
import { Uploader } from './multi-platform.ts'
import { pushImage, startRegistry } from './registry.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

async function check({ images }: Harness, repair = false): Promise<readonly CheckMessage[]> {
  const found = await Array.fromAsync(images.check({ repair }))
  return found.filter(({ status }) => status !== 'progress')
}

/** As a disk does it: the times stay. */
function spoil(path: string): void {
  const { atime, mtime } = statSync(path)
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1]! ^= 0x55
  writeFileSync(path, bytes)
  utimesSync(path, atime, mtime)
}

test('what the disk has damaged is found, named and fetched again', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest')
  await new Uploader(registry.host, 'multi').index(['amd64', 'arm64'], 'latest')
  const name = `${registry.host}/app`
  await here.pull(name)
  await here.pull(`${registry.host}/multi`)
  assert.deepEqual(await check(here), [])

  const top = here.images.resolve(name).chainId!
  const { Manifests } = await here.images.inspect(`${registry.host}/multi`, { manifests: true })
  const attestation = Manifests!.find(({ Kind, Available }) => Kind === 'attestation' && Available)!.ID!
  const [layer = ''] = JSON.parse(await manifestOf(registry.host, 'app')).layers.map(
    (each: { digest: string }) => each.digest,
  )
  const blob = (digest: string) => join(here.dir, 'content/blobs/sha256', digest.slice(7))
  spoil(blob(layer))
  rmSync(blob(attestation))
  spoil(join(here.snapshots.layers(top)[0]!, 'dir2/sub1/file1'))

  const texts = (await check(here)).map(({ text }) => text).sort()
  assert.equal(texts.length, 3)
  assert.match(texts.join('\n'), new RegExp(`blob ${layer} of ${name}:latest.* is damaged`))
  assert.match(texts.join('\n'), /multi.* is missing/)
  assert.match(texts.join('\n'), /layer sha256:\w+ of .*app:latest.* is damaged/)
  const user = { id: 'c'.repeat(64), name: 'web', running: true }
  here.users.set(here.images.resolve(name).id, [user])
  assert.match((await check(here, true)).map(({ text }) => text).join('\n'), /is damaged; stop web first/)
  here.users.clear()
  const repaired = await check(here, true)
  assert.deepEqual(
    repaired.map(({ status }) => status),
    ['repaired'],
    'the blobs were repaired the first time',
  )
  assert.deepEqual(await check(here), [])
  assert.match(readFileSync(join(here.snapshots.layers(top)[0]!, 'dir2/sub1/file1'), 'utf8'), /^2 1 (2 1 )*$/)
  assert.equal(here.disk().unfinished, 0)
})

test('a damage that nobody can repair is said, and nothing is made worse', { skip }, async () => {
  await using here = openImages()
  {
    await using registry = await startRegistry()
    pushImage(registry.host, 'app:latest', { layers: 1 })
    await here.pull(`${registry.host}/app`)
    const [layer = ''] = JSON.parse(await manifestOf(registry.host, 'app')).layers.map(
      (each: { digest: string }) => each.digest,
    )
    spoil(join(here.dir, 'content/blobs/sha256', layer.slice(7)))
  }
  const [message] = await check(here, true)
  assert.equal(message?.status, 'damaged')
  assert.match(message!.text, /cannot be fetched: .*connection refused/)
  assert.equal((await check(here)).length, 1)
})

test('a budget takes the least lately used, down to the low mark', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  const { images } = here
  for (const tag of ['a', 'b', 'c']) {
    pushImage(registry.host, `app:${tag}`, { layers: 1, files: tag.charCodeAt(0), bytes: 10_000 })
    await here.pull(`${registry.host}/app`, tag)
  }
  images.resolve(`${registry.host}/app:a`) // a container begins with it
  const prune = (filters: Record<string, string>) =>
    images.prune(
      new Map([['dangling', ['false']], ...Object.entries(filters).map(([key, value]) => [key, [value]] as const)]),
    )
  const tags = async () =>
    (await images.list({ all: false, filters: new Map(), sharedSize: false, digests: false, manifests: false }))
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .map(tag => tag.at(-1))
      .sort()
  assert.equal((await prune({ 'high-water': '10MB', 'low-water': '1MB' })).deleted, null, 'below the high mark')
  const { spaceReclaimed } = await prune({ 'high-water': '1.5MB', 'low-water': '1.3MB' })
  assert.deepEqual(await tags(), ['a', 'c'], 'b was used least lately')
  assert.ok(spaceReclaimed > 400_000)
  assert.equal((await prune({ 'unused-for': '1h' })).deleted, null)
  await assert.rejects(prune({ 'low-water': '1MB' }), /needs a high-water/)
  await assert.rejects(prune({ 'unused-for': 'long' }), /not a duration/)
  await prune({ 'unused-for': '0s' })
  assert.deepEqual(await tags(), [])
})

test('what nobody owns is reclaimed at start', { skip }, async () => {
  await using here = openImages()
  const hex = 'a'.repeat(64)
  writeFileSync(join(here.dir, 'content/blobs/sha256', hex), 'x')
  writeFileSync(join(here.dir, 'content/ingest/1-1'), 'x')
  mkdirSync(join(here.dir, 'snapshots/tmp-1-1'))
  await here.images.recover()
  assert.deepEqual(here.disk(), { blobs: 0, layers: 0, unfinished: 0 })
})

const manifestOf = async (host: string, name: string) => {
  const headers = { Accept: 'application/vnd.docker.distribution.manifest.v2+json' }
  return await (await fetch(`http://${host}/v2/${name}/manifests/latest`, { headers })).text()
}
