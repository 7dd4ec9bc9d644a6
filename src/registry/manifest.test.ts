import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ociIndex, ociManifest } from '../../test/suites/registry-lab.ts'
import { OciError } from './errors.ts'
import { parseManifest } from './manifest.ts'

const digest = `sha256:${'a'.repeat(64)}`
const blob = { mediaType: 'a/b', digest, size: 1 }
const parse = (json: unknown, type = ociManifest) =>
  parseManifest(Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)), type)

test('wrong manifests are told, whatever their shape', () => {
  const image = { schemaVersion: 2, config: blob, layers: [blob] }
  const wrong: readonly unknown[] = [
    ...['', 'null', '[]', '2', '"x"', '{', '['.repeat(100_000), '\ud800', '{"schemaVersion":2}'],
    ...[1, '2', null, {}].map(schemaVersion => ({ ...image, schemaVersion })),
    ...[null, [], 'x', {}, { ...blob, digest: 'sha256:../../etc' }, { ...blob, size: -1 }].map(config => ({
      ...image,
      config,
    })),
    ...[null, {}, 'x', [null], [[blob]], [{ ...blob, size: 1.5 }], [{ ...blob, size: '1' }]].map(layers => ({
      ...image,
      layers,
    })),
    ...[1, [], {}, { digest }].map(subject => ({ ...image, subject })),
    ...[1, ['x'], { a: 1 }].map(annotations => ({ ...image, annotations })),
    { ...image, mediaType: ociIndex },
    { ...image, manifests: [] },
  ]
  const isTold = (error: unknown) => error instanceof OciError && error.code === 'MANIFEST_INVALID'
  for (const json of wrong) assert.throws(() => parse(json), isTold, JSON.stringify(json)?.slice(0, 100))
  assert.throws(() => parse(image, 'application/vnd.docker.distribution.manifest.v1+prettyjws'), isTold)
  assert.throws(() => parse({ ...image, manifests: [blob] }, ociIndex), isTold)
  assert.throws(() => parse(image, ''), isTold, 'nobody says what it is')
})

test('what a manifest needs: all but layers that are kept elsewhere', () => {
  const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
  const foreign = { ...blob, mediaType, urls: ['https://example.com/layer'] }
  const { blobs, artifactType } = parse(
    { schemaVersion: 2, config: blob, layers: [foreign] },
    `${ociManifest}; charset=utf-8`,
  )
  assert.deepEqual([blobs, artifactType], [[{ digest, size: 1 }], 'a/b'])
  const index = parse({ schemaVersion: 2, mediaType: ociIndex, manifests: [blob], artifactType: 'x/y' }, '')
  assert.deepEqual(index, { mediaType: ociIndex, blobs: [], manifests: [{ digest, size: 1 }], artifactType: 'x/y' })
})
