// biome-ignore-all lint/suspicious/noExplicitAny: manifests of whatever shape
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openRemoteDriver } from './remote-driver.ts'
import { stockBuild } from './stock-build.ts'
import { openRegistry, skip } from './stock-client.ts'

const { lab, place, run, good, goodSoon, context } = stockBuild('compression')
const registry = '127.0.0.1:5078'
let server: Disposable | undefined
let dir = ''

before(async () => {
  if (skip) return
  dir = context({ Dockerfile: 'FROM base\nCOPY f /\nRUN echo g > /g\n', f: 'f' })
  server = await openRegistry(lab, place, registry)
})
after(() => server?.[Symbol.dispose]())

type Json = Record<string, any>

/** The last words of the types of a manifest and of its layers. */
const typesIn = ({ mediaType, layers }: Json) =>
  [mediaType, ...layers.map((each: Json) => each.mediaType)]
    .join(' ')
    .replaceAll(/application\/vnd\.(oci\.image\.|docker\.)/g, '')

/** What an export to an OCI layout holds. */
function exported(attributes: string, ...flags: readonly string[]): string {
  const to = mkdtempSync(join(place, 'oci-'))
  good(['build', '--provenance=false', ...flags, '-o', `type=oci,dest=${to}/x.tar${attributes}`, dir])
  execFileSync('tar', ['-C', to, '-xf', join(to, 'x.tar')])
  const blob = (digest: string) => JSON.parse(readFileSync(join(to, 'blobs', digest.replace(':', '/')), 'utf8')) as Json
  const index = JSON.parse(readFileSync(join(to, 'index.json'), 'utf8')) as Json
  const manifest = blob(index.manifests[0].digest)
  for (const { digest, mediaType } of manifest.layers) {
    const head = readFileSync(join(to, 'blobs', digest.replace(':', '/'))).toString('hex', 0, 4)
    assert.equal(mediaType.match(/zstd|gzip/)?.[0], { '1f8b0800': 'gzip', '28b52ffd': 'zstd' }[head], mediaType)
  }
  return typesIn(manifest)
}

/** What the registry has, and at which digest. */
function pushed(path: string): string {
  const accept =
    'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
  const args = [`--net=/run/netns/${lab.netns}`, 'curl', '-fsS', '-H', accept, `http://${registry}/v2/${path}`]
  return execFileSync('nsenter', args, { encoding: 'utf8' })
}

test('layers leave in the compression asked for', { skip }, () => {
  assert.equal(exported(''), 'manifest.v1+json layer.v1.tar+gzip layer.v1.tar+gzip layer.v1.tar+gzip')
  assert.equal(
    exported(',compression=zstd,unheard-of=1'),
    'manifest.v1+json layer.v1.tar+gzip layer.v1.tar+zstd layer.v1.tar+zstd',
  )
  const all = 'compression=zstd,compression-level=9,force-compression=true'
  assert.equal(exported(`,${all}`), 'manifest.v1+json layer.v1.tar+zstd layer.v1.tar+zstd layer.v1.tar+zstd')
  assert.equal(
    exported(',compression=uncompressed,force-compression=true,oci-mediatypes=false'),
    'distribution.manifest.v2+json image.rootfs.diff.tar image.rootfs.diff.tar image.rootfs.diff.tar',
  )
})

test('attributes that mean nothing are refused in the words of BuildKit', { skip }, () => {
  const refused = (attributes: string) => run(['build', '-o', `type=image,${attributes}`, dir]).text
  assert.match(refused('compression=lzma'), /unsupported compression type lzma/)
  assert.match(refused('compression-level=x'), /non-integer value x specified for compression-level: strconv.ParseInt/)
  assert.match(refused('force-compression=x'), /non-bool value x specified for force-compression: strconv.ParseBool/)
  assert.match(refused('store=x'), /non-bool value specified for store: strconv.ParseBool/)
  assert.match(refused('rewrite-timestamp=true,unpack=true'), /"rewrite-timestamp" conflicts with "unpack"/)
})

test('an image is pushed as it was asked for, and runs from there', { skip }, () => {
  const how = 'compression=zstd,force-compression=true,push=true'
  good(['build', '--provenance=false', '-o', `type=image,name=${registry}/zstd:1,${how}`, dir])
  assert.equal(
    typesIn(JSON.parse(pushed('zstd/manifests/1'))),
    'manifest.v1+json layer.v1.tar+zstd layer.v1.tar+zstd layer.v1.tar+zstd',
  )
  good(['rmi', `${registry}/zstd:1`])
  assert.match(good(['run', '--rm', `${registry}/zstd:1`, 'cat', '/f', '/g']), /^fg$/m)
})

test('push by digest gives no tag, and store=false no image', { skip }, async () => {
  const socket = join(place, 'grpc.sock')
  const bridge = await openRemoteDriver(socket, lab.socket) // the plugin has no push by digest for the driver `docker`
  try {
    await goodSoon(['buildx', 'create', '--name', 'remote', '--driver', 'remote', `unix://${socket}`])
    const meta = join(place, 'meta.json')
    const args = ['--provenance=false', '--metadata-file', meta, '--label', `pid=${process.pid}`]
    const build = (output: string) => goodSoon(['buildx', '--builder', 'remote', 'build', ...args, '-o', output, dir])
    const how = 'push=true,push-by-digest=true,store=false'
    await assert.rejects(
      build(`type=image,name=${registry}/tagged:1,${how}`),
      /can't push tagged ref 127.0.0.1:5078\/tagged:1 by digest/,
    )
    await build(`type=image,name=${registry}/plain,${how}`)
    const { 'containerimage.digest': digest, 'containerimage.config.digest': id } = JSON.parse(
      readFileSync(meta, 'utf8'),
    ) as Json
    pushed(`plain/manifests/${digest}`)
    assert.throws(() => pushed('plain/manifests/latest'))
    assert.equal(run(['inspect', id]).code, 1)
  } finally {
    bridge.close()
  }
})
