import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type Harness, openImages } from './harness.ts'
import { Uploader } from './multi-platform.ts'
import { startRegistry, type TestRegistry } from './registry.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'
const clean = { blobs: 0, layers: 0, unfinished: 0 }
const remove = { force: false, noPrune: false }

const pull = ({ images }: Harness, fromImage: string, platform?: string) =>
  images.pull({ fromImage, tag: 'latest', platform }, () => {})

async function push({ images }: Harness, name: string, platform?: string): Promise<string | undefined> {
  let digest: string | undefined
  await images.push(name, { tag: 'latest', platform }, ({ aux }) => {
    digest = (aux as { readonly Digest?: string } | undefined)?.Digest ?? digest
  })
  return digest
}

const manifestsOf = async ({ images }: Harness, name: string) =>
  (await images.inspect(name, { manifests: true })).Manifests!
const available = async (here: Harness, name: string) =>
  (await manifestsOf(here, name)).filter(({ Available }) => Available).map(({ Kind }) => Kind)

async function prepare(registry: TestRegistry) {
  const index = await new Uploader(registry.host, 'app').index(['amd64', 'arm64', 's390x'], 'latest')
  return { name: `${registry.host}/app`, digest: index.digest }
}

test('an image for several platforms is kept as an index, with its attestations', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  const { name, digest } = await prepare(registry)
  await pull(here, name)
  assert.deepEqual(await available(here, name), ['image', 'attestation'])
  const amd64 = here.images.resolve(name).id
  assert.throws(() => here.images.resolve(name, 'linux/arm64'), /does not match the specified platform/)
  await pull(here, name, 'linux/arm64')
  const arm64 = here.images.resolve(name).id
  assert.equal(here.images.resolve(name, 'linux/amd64').id, amd64)
  assert.equal(here.images.resolve(name, 'linux/arm64').id, arm64)
  assert.notEqual(amd64, arm64)

  const listed = await here.images.list({
    all: true,
    filters: new Map(),
    sharedSize: false,
    digests: true,
    manifests: true,
  })
  assert.equal(listed.length, 1, 'the other platform is no image of its own')
  assert.equal(listed[0]!.Descriptor!.digest, digest)
  const kinds = listed[0]!.Manifests!.map(({ Kind, Available }) => `${Kind} ${Available}`)
  const images = ['image true', 'image true', 'image false']
  assert.deepEqual(kinds, [...images, 'attestation true', 'attestation true', 'attestation false'])
  assert.equal((await here.images.prune(new Map([['dangling', ['true']]]))).deleted, null)
  await here.images.remove(`${name}:latest`, remove)
  assert.deepEqual(here.disk(), clean)
})

test('a whole index is pushed as it is, a part of it as an image; save and load keep it', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  const { name, digest } = await prepare(registry)
  const manifests = async (each: Harness) => (await manifestsOf(each, name)).map(({ ID }) => ID)
  await pull(here, name)
  await pull(here, name, 'linux/arm64')
  await here.images.tag(name, `${registry.host}/copy`, 'latest')
  const ids = await manifests(here)
  assert.equal(await push(here, `${registry.host}/copy`), ids[1], 'the platform that was pulled last')
  assert.equal(await push(here, `${registry.host}/copy`, 'linux/amd64'), ids[0])
  await pull(here, name, 'linux/s390x')
  await here.images.tag(name, `${registry.host}/copy`, 'latest')
  assert.equal(await push(here, `${registry.host}/copy`), digest)

  const whole = await (await here.images.save([`${name}:latest`])).toArray()
  const part = await (await here.images.save([`${name}:latest`], { platforms: ['linux/amd64'] })).toArray()
  assert.ok(Buffer.concat(part).length < Buffer.concat(whole).length)
  await using there = openImages()
  await there.images.load(Readable.from(part), { quiet: true }, () => {})
  assert.deepEqual(await available(there, name), ['image', 'attestation'])
  const said: string[] = []
  await there.images.load(Readable.from(whole), { quiet: true }, ({ stream }) => stream && said.push(stream))
  assert.deepEqual(said, [`Loaded image: ${name}:latest\n`])
  assert.deepEqual(await manifests(there), ids)
  assert.equal((await available(there, name)).length, 6)
  const again = await (await there.images.save([`${name}:latest`])).toArray()
  assert.ok(Buffer.concat(again).equals(Buffer.concat(whole)), 'the same bytes')
  await there.images.tag(name, `${registry.host}/third`, 'latest')
  assert.equal(await push(there, `${registry.host}/third`), digest)

  await there.images.remove(`${registry.host}/third:latest`, remove)
  const gone = await there.images.remove(`${name}:latest`, { ...remove, platforms: ['linux/arm64'] })
  assert.equal(gone.filter(({ Deleted }) => Deleted).length, 2, 'image and layer')
  assert.equal((await available(there, name)).length, 4)
  await there.images.remove(`${name}:latest`, remove)
  assert.deepEqual(there.disk(), clean)
})

test('load takes the platforms asked for, also of an OCI layout by skopeo', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  const { name } = await prepare(registry)
  const dir = mkdtempSync('/var/tmp/layout-')
  try {
    const source = `docker://${name}:latest`
    execFileSync('skopeo', [
      'copy',
      '-q',
      '--all',
      '--src-tls-verify=false',
      source,
      `oci-archive:${dir}/all.tar:${name}:latest`,
    ])
    const tar = execFileSync('cat', [`${dir}/all.tar`], { maxBuffer: 1 << 26 })
    const load = (platforms: readonly string[]) =>
      here.images.load(Readable.from([tar]), { quiet: true, platforms }, () => {})
    await assert.rejects(load(['linux/riscv64']), /no image for platform linux\/riscv64/)
    await load(['linux/s390x'])
    assert.deepEqual(await available(here, name), ['image', 'attestation'])
    assert.equal((await here.images.inspect(name)).Architecture, 's390x')
    await load([])
    assert.equal((await available(here, name)).length, 6)
    const saved = await (await here.images.save([name])).toArray()
    writeFileSync(`${dir}/ours.tar`, Buffer.concat(saved))
    const raw = execFileSync('skopeo', ['inspect', '--raw', `oci-archive:${dir}/ours.tar`])
    assert.equal(JSON.parse(raw.toString()).manifests.length, 6)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
