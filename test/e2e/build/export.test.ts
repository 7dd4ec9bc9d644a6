import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { busyboxTar, Lab } from '../engine/lab.ts'
import { configure, docker, environment, openRegistry, skip } from './stock-client.ts'

const registry = '127.0.0.1:5056'
const place = mkdtempSync('/var/tmp/berth-export-')
const lab = new Lab()
let server: Disposable | undefined

interface Entry {
  readonly mediaType: string
  readonly digest: string
  readonly platform?: { readonly architecture: string }
  readonly annotations?: Readonly<Record<string, string>>
}
interface Document {
  readonly manifests?: readonly Entry[]
  readonly layers?: readonly Entry[]
  readonly annotations?: Readonly<Record<string, string>>
}

function run(args: readonly string[], input?: Buffer) {
  const env = environment(lab, place)
  const done = spawnSync(docker!, args, { env, input, timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
  return done.stdout
}
const build = (...args: readonly string[]) => run(['build', ...args, join(place, 'context')])
const inRegistry = (path: string) =>
  JSON.parse(lab.inside('curl', ['-fsL', '-H', 'Accept: */*', `http://${registry}/v2/${path}`])) as Document &
    Record<string, unknown>

before(async () => {
  if (skip) return
  configure(place)
  mkdirSync(join(place, 'context'))
  writeFileSync(join(place, 'context/Dockerfile'), 'FROM scratch\nARG TARGETARCH\nCOPY f /f\nENV arch=$TARGETARCH\n')
  writeFileSync(join(place, 'context/f'), `${process.pid}`)
  await lab.start()
  server = await openRegistry(lab, place, registry)
  run(['import', '-', 'base'], busyboxTar())
})

after(async () => {
  server?.[Symbol.dispose]()
  if (!skip) await lab[Symbol.asyncDispose]()
  rmSync(place, { recursive: true, force: true })
})

test('what is pushed carries its provenance, what stays does not', { skip }, () => {
  build('-t', 'stays')
  assert.equal(JSON.parse(run(['image', 'inspect', 'stays'])).length, 1)
  const metadata = join(place, 'metadata.json')
  build('-t', `${registry}/one:1`, '--push', '--metadata-file', metadata)
  const { manifests = [] } = inRegistry('one/manifests/1')
  assert.equal(manifests.length, 2)
  const [image, attestation] = manifests as [Entry, Entry]
  assert.equal(image.platform?.architecture, process.arch === 'x64' ? 'amd64' : 'arm64')
  assert.equal(attestation.annotations?.['vnd.docker.reference.digest'], image.digest)
  const [layer] = inRegistry(`one/manifests/${attestation.digest}`).layers!
  assert.equal(layer!.annotations?.['in-toto.io/predicate-type'], 'https://slsa.dev/provenance/v0.2')
  const statement = inRegistry(`one/blobs/${layer!.digest}`) as unknown as {
    readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  }
  assert.equal(`sha256:${statement.subject[0]!.digest.sha256}`, image.digest)
  assert.match(statement.subject[0]!.name, /^pkg:docker\/127\.0\.0\.1:5056\/one@1\?platform=linux%2F/)
  const told = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, string>
  assert.match(told['containerimage.digest']!, /^sha256:/)
})

test('the same input gives the same index; more is told with mode=max, nothing without provenance', { skip }, () => {
  const digest = (tag: string, ...args: readonly string[]) => {
    build('-t', `${registry}/same:${tag}`, '--push', '--no-cache', ...args)
    return lab.inside('sh', ['-c', `curl -fsL http://${registry}/v2/same/manifests/${tag} | sha256sum`])
  }
  const first = inRegistryAfter(digest, 'a')
  assert.deepEqual(inRegistryAfter(digest, 'a'), first)
  digest('max', '--provenance=mode=max', '--build-arg', 'X=1')
  const { manifests } = inRegistry('same/manifests/max')
  const [layer] = inRegistry(`same/manifests/${manifests![1]!.digest}`).layers!
  assert.match(JSON.stringify(inRegistry(`same/blobs/${layer!.digest}`)), /"build-arg:X":"1".*"buildStartedOn"/)
  digest('none', '--provenance=false')
  assert.equal(inRegistry('same/manifests/none').manifests, undefined)
})

function inRegistryAfter(push: (tag: string) => string, tag: string) {
  push(tag)
  return inRegistry(`same/manifests/${tag}`)
}

test('several platforms become one image with an index', { skip }, () => {
  build('-t', `${registry}/many`, '--platform', 'linux/amd64,linux/arm64', '--push', '--provenance=false')
  const { manifests = [] } = inRegistry('many/manifests/latest')
  assert.deepEqual(
    manifests.map(({ platform }) => platform?.architecture),
    ['amd64', 'arm64'],
  )
  const arch = (platform: string) =>
    run(['image', 'inspect', '--platform', platform, '-f', '{{.Config.Env}}', `${registry}/many`])
  assert.match(arch('linux/arm64'), /arch=arm64/)
  assert.match(arch('linux/amd64'), /arch=amd64/)
})

test('annotations go to manifests, descriptors and the index', { skip }, () => {
  const notes = ['a=1', 'index:b=2', 'manifest-descriptor[linux/arm64]:c=3'].flatMap(note => ['--annotation', note])
  build('-t', `${registry}/noted`, '--platform', 'linux/amd64,linux/arm64', '--push', '--provenance=false', ...notes)
  const { manifests = [], annotations } = inRegistry('noted/manifests/latest')
  assert.deepEqual(annotations, { b: '2' })
  assert.deepEqual(
    manifests.map(each => each.annotations),
    [undefined, { c: '3' }],
  )
  for (const { digest } of manifests) assert.deepEqual(inRegistry(`noted/manifests/${digest}`).annotations, { a: '1' })
})

test('an OCI layout comes as an archive or a directory, and is no image here', { skip }, () => {
  const images = run(['images', '-aq', '--no-trunc'])
  const platforms = ['--platform', 'linux/amd64,linux/arm64', '--build-arg', 'only=layouts', '--label', 'only=layouts']
  const dir = join(place, 'layout')
  build(...platforms, '-o', `type=oci,tar=false,dest=${dir}`)
  const top = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')) as Document
  const index = JSON.parse(
    readFileSync(join(dir, 'blobs', top.manifests![0]!.digest.replace(':', '/')), 'utf8'),
  ) as Document
  assert.equal(index.manifests?.length, 4)
  const archive = join(place, 'layout.tar')
  build(...platforms, '-t', 'kept:1', '-o', `type=oci,dest=${archive}`)
  assert.equal(run(['images', '-aq', '--no-trunc']), images)
  assert.match(run(['load', '-i', archive]), /Loaded image: kept:1/)
  assert.ok(readdirSync(join(dir, 'blobs/sha256')).length > 4)
})

test('an OCI layout is a context to build on', { skip }, () => {
  const dir = mkdtempSync(join(place, 'on-layout-'))
  writeFileSync(join(dir, 'Dockerfile'), 'FROM below\nCOPY --from=below /f /g\n')
  const digest = (JSON.parse(readFileSync(join(place, 'layout/index.json'), 'utf8')) as Document).manifests![0]!.digest
  const layout = `below=oci-layout://${join(place, 'layout')}@${digest}`
  const out = join(place, 'from-layout')
  run(['build', '--build-context', layout, '-o', out, dir])
  assert.equal(readFileSync(join(out, 'g'), 'utf8'), `${process.pid}`)
  run(['build', '--build-context', layout, '-t', 'on-layout', dir])
  assert.match(run(['image', 'inspect', '-f', '{{.Config.Env}}', 'on-layout']), /arch=/)
})

test('a scanner lists what the image consists of', { skip }, () => {
  const dir = mkdtempSync(join(place, 'scanner-'))
  const scan = `#!/bin/sh
printf '{"predicateType":"https://spdx.dev/Document","predicate":{"files":"%s"}}' "$(ls $BUILDKIT_SCAN_SOURCE)" >$BUILDKIT_SCAN_DESTINATION/x.spdx.json
ln -s /etc/shadow $BUILDKIT_SCAN_DESTINATION/shadow
`
  writeFileSync(join(dir, 'scan'), scan)
  writeFileSync(join(dir, 'Dockerfile'), 'FROM base\nCOPY --chmod=755 scan /scan\nENTRYPOINT ["/scan"]\n')
  run(['build', '-t', 'scanner', dir])
  build('-t', `${registry}/listed`, '--push', '--provenance=false', '--sbom=generator=scanner')
  const attestation = inRegistry('listed/manifests/latest').manifests![1]!
  const [layer] = inRegistry(`listed/manifests/${attestation.digest}`).layers!
  assert.equal(layer!.annotations?.['in-toto.io/predicate-type'], 'https://spdx.dev/Document')
  assert.deepEqual(inRegistry(`listed/blobs/${layer!.digest}`).predicate, { files: 'f' })
})
