import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { isEngineError } from '../../../src/base/errors.ts'
import { Secret } from '../../../src/base/secret.ts'
import { openImages } from './harness.ts'
import { pushImage, startRegistry } from './registry.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'
const manifestDigest = (image: string) =>
  execFileSync('skopeo', ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${image}`])
    .toString()
    .trim()

test('pull, tag, push, save, remove and load keep every digest', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  const { images } = here
  const name = `${registry.host}/team/app`
  pushImage(registry.host, 'team/app:latest')
  const digest = manifestDigest(`${name}:latest`)

  const messages = await here.pull(name)
  const statuses = messages.map(({ status }) => status)
  assert.equal(statuses[0], 'Pulling from team/app')
  for (const status of [
    'Pulling fs layer',
    'Downloading',
    'Verifying Checksum',
    'Download complete',
    'Extracting',
    'Pull complete',
  ])
    assert.ok(statuses.includes(status), status)
  assert.deepEqual(statuses.slice(-2), [`Digest: ${digest}`, `Status: Downloaded newer image for ${name}:latest`])
  assert.equal((await here.pull(name)).at(-1)?.status, `Status: Image is up to date for ${name}:latest`)

  const image = await images.inspect(`${name}:latest`)
  assert.deepEqual(image.RepoTags, [`${name}:latest`])
  assert.deepEqual(image.RepoDigests, [`${name}@${digest}`])
  const top = images.resolve(name).chainId!
  assert.match(readFileSync(join(here.snapshots.layers(top)[0]!, 'dir2/sub1/file1'), 'utf8'), /^2 1 /)
  assert.equal((await images.history(name)).length, 3)
  assert.equal(
    (await images.list({ all: false, filters: new Map(), sharedSize: true, digests: false, manifests: false })).length,
    1,
  )

  const copy = `${registry.host}/other/copy`
  await images.tag(name, copy, 'v1')
  const pushed: string[] = []
  await images.push(copy, { tag: 'v1' }, ({ status }) => status && pushed.push(status))
  assert.equal(manifestDigest(`${copy}:v1`), digest)
  assert.ok(pushed.includes('Mounted from team/app'))
  assert.match(pushed.at(-1)!, /^v1: digest: sha256:/)

  const archive = await (await images.save([`${name}:latest`])).toArray()
  assert.deepEqual(await (await images.save([`${name}:latest`])).toArray().then(Buffer.concat), Buffer.concat(archive))
  await images.remove(`${copy}:v1`, { force: false, noPrune: false })
  const removed = await images.remove(`${name}:latest`, { force: false, noPrune: false })
  assert.deepEqual(
    removed.slice(0, 3),
    [{ Untagged: `${name}:latest` }, { Untagged: `${name}@${digest}` }, { Deleted: image.Id }].slice(0, removed.length),
  )
  assert.deepEqual(here.disk(), { blobs: 0, layers: 0, unfinished: 0 })

  const loaded: string[] = []
  await images.load(Readable.from(archive), { quiet: true }, ({ stream }) => stream && loaded.push(stream))
  assert.deepEqual(loaded, [`Loaded image: ${name}:latest\n`])
  assert.equal((await images.inspect(name)).Id, image.Id)
  await images.tag(name, `${registry.host}/third`, 'x')
  await images.push(`${registry.host}/third`, { tag: 'x' }, () => {})
  assert.equal(manifestDigest(`${registry.host}/third:x`), digest)
  assert.deepEqual(
    here.events.filter(event => /^(pull|load|push|save|delete)/.test(event)).map(event => event.split(' ')[0]),
    ['pull', 'pull', 'push', 'save', 'save', 'delete', 'load', 'push'],
  )
  assert.equal(here.disk().unfinished, 0)
})

test('what is not there is said in the words of Docker', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest', { layers: 1 })
  const fails = (name: string, tag: string, kind: 'not-found' | 'internal', text: RegExp) =>
    assert.rejects(here.pull(name, tag), (error: unknown) => isEngineError(error, kind) && text.test(error.message))
  const { host } = registry
  await fails(
    `${host}/app`,
    'nope',
    'not-found',
    /^manifest for .*\/app:nope not found: manifest unknown: manifest unknown$/,
  )
  await fails(`${host}/none`, 'latest', 'not-found', /not found/)
  await fails(
    '127.0.0.1:1/x',
    'latest',
    'internal',
    /^Get "http:\/\/127.0.0.1:1\/v2\/": dial tcp 127.0.0.1:1: connect: connection refused$/,
  )
  await assert.rejects(here.images.inspect('nope'), /^EngineError: No such image: nope:latest$/)
  assert.deepEqual(here.disk(), { blobs: 0, layers: 0, unfinished: 0 })
})

test('a password opens a registry, a wrong one does not', { skip }, async () => {
  // bcrypt of the password used below
  const htpasswd = 'ann:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n'
  await using registry = await startRegistry({ name: 'ann', htpasswd })
  await using here = openImages()
  const pull = (password: string) =>
    here.images.pull(
      { fromImage: `${registry.host}/app`, tag: 'x', auth: { username: 'ann', password: new Secret(password) } },
      () => {},
    )
  await assert.rejects(pull('open sesame'), /manifest for .* not found/)
  await assert.rejects(
    pull('guess'),
    /pull access denied for .*, repository does not exist or may require 'docker login'/,
  )
})

test('import makes an image of one layer; commitImage() puts a directory on top', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  const { images } = here
  const tar = execFileSync('tar', ['-C', '/bin', '-c', 'busybox'], { maxBuffer: 1 << 24 })
  const messages: string[] = []
  const options = {
    repo: 'bb',
    tag: '',
    message: '',
    changes: ['CMD ["sh"]', 'ENV A=1 B="two words"', 'EXPOSE 80', 'LABEL x=y'],
  }
  await images.import(Readable.from([tar]), options, ({ status }) => status && messages.push(status))
  const base = await images.inspect('bb')
  assert.equal(messages[0], base.Id)
  assert.deepEqual(
    [base.Config?.Cmd, base.Config?.Env, base.Config?.ExposedPorts],
    [['sh'], ['A=1', 'B=two words'], { '80/tcp': {} }],
  )
  assert.equal((await images.history('bb'))[0]?.Comment, 'Imported from -')

  const upper = join(here.dir, 'upper')
  execFileSync('sh', ['-c', `mkdir ${upper}; echo hi > ${upper}/hi; ln ${upper}/hi ${upper}/hi2`])
  const parent = images.resolve('bb')
  const id = await images.commitImage({
    parent: parent.id,
    layer: { upper },
    config: {},
    comment: 'c',
    repo: `${registry.host}/derived`,
    tag: 't',
  })
  await images.push(`${registry.host}/derived`, { tag: 't' }, () => {})
  const digest = manifestDigest(`${registry.host}/derived:t`)
  const adopted = await images.commitImage({ parent: parent.id, layer: { adopt: upper }, config: {}, repo: 'adopted' })
  assert.equal(images.resolve(adopted).chainId, images.resolve(id).chainId)
  await assert.rejects(
    images
      .remove('bb', { force: false, noPrune: false })
      .then(() => images.inspect(parent.id))
      .then(() => {
        throw new Error('kept')
      }),
    /kept/,
  )
  await using there = openImages()
  await there.pull(`${registry.host}/derived`, 't')
  assert.equal((await there.images.inspect(`${registry.host}/derived@${digest}`)).Id, id)
  const archive = await (await images.save(['adopted'])).toArray()
  await there.images.load(Readable.from(archive), { quiet: true }, () => {})
  assert.equal((await there.images.inspect('adopted')).Id, adopted)
})

test('an image in use stays, with the words of Docker', { skip }, async () => {
  await using here = openImages()
  const { images, users } = here
  const tar = execFileSync('tar', ['-C', '/bin', '-c', 'busybox'], { maxBuffer: 1 << 24 })
  await images.import(Readable.from([tar]), { repo: 'bb', tag: 'a', message: '', changes: [] }, () => {})
  const { id } = images.resolve('bb:a')
  const user = { id: 'c'.repeat(64), name: 'c', running: true }
  users.set(id, [user])
  const remove = (name: string, force = false) => images.remove(name, { force, noPrune: false })
  const short = id.slice(7, 19)
  await assert.rejects(
    remove('bb:a'),
    new RegExp(
      `^EngineError: conflict: unable to remove repository reference "bb:a" \\(must force\\) - container cccccccccccc is using its referenced image ${short}$`,
    ),
  )
  await assert.rejects(remove(id, true), /cannot be forced\) - image is being used by running container cccccccccccc/)
  users.set(id, [{ ...user, running: false }])
  await assert.rejects(remove(short), /must be forced\) - image is being used by stopped container cccccccccccc/)
  await images.tag(id, 'other', 'b')
  users.clear()
  await assert.rejects(remove(short), /must be forced\) - image is referenced in multiple repositories/)
  assert.deepEqual(await remove('other:b'), [{ Untagged: 'other:b' }])
  assert.deepEqual((await images.prune(new Map())).deleted, null)
  const { deleted, spaceReclaimed } = await images.prune(new Map([['dangling', ['false']]]))
  assert.equal(deleted?.length, 3)
  assert.ok(spaceReclaimed > 1000)
  assert.deepEqual(here.disk(), { blobs: 0, layers: 0, unfinished: 0 })
})
