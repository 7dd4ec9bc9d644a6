import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as gateway from '../../../../src/api/buildkit/wire/gateway.ts'
import { empty } from '../../../../src/api/buildkit/wire/message.ts'
import { Lab } from '../../engine/lab.ts'
import { cases } from './cases.ts'
import { build, vertex } from './client.ts'
import { outcomeOf, plain } from './record.ts'

const skip = process.getuid?.() === 0 ? (existsSync('/usr/bin/busybox') ? false : 'needs busybox') : 'needs root'
const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8'))
const lab = new Lab()

before(async () => {
  if (skip) return
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  if (!skip) await lab[Symbol.asyncDispose]()
})

/** Whose texts name places or ways of BuildKit's own. */
const different: ReadonlySet<string> = new Set(['a copied file into no directory', 'an image that is not there'])

test('low-level operations make the files that BuildKit makes', { skip, timeout: 120_000 }, async t => {
  for (const each of cases)
    await t.test(each.name, async () => {
      const outcome = plain(await outcomeOf(lab.socket, each))
      if (different.has(each.name)) assert.equal(typeof outcome, 'string')
      else assert.deepEqual(outcome, expected[each.name])
    })
})

const image = vertex({ source: { identifier: 'docker-image://docker.io/library/busybox:latest' } })
const command = vertex(
  {
    exec: {
      meta: { args: ['/bin/sh', '-c', 'echo made > /made'], cwd: '/', env: ['PATH=/bin'] },
      mounts: [{ dest: '/', input: 0, output: 0 }],
    },
  },
  [image],
)

test('what a frontend returns becomes an image with its configuration', { skip }, async () => {
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['cat', '/made'], Env: ['PATH=/bin'] },
    rootfs: { type: 'layers', diff_ids: [] },
  }
  const exporter = { Type: 'moby', Attrs: { name: 'docker.io/library/llb:1' } }
  const metadata = { 'containerimage.config': Buffer.from(JSON.stringify(config)) }
  const answer = await build(lab.socket, { exporter, metadata }, frontend => frontend.solve(command))
  assert.match(answer['containerimage.config.digest']!, /^sha256:/)
  assert.equal(lab.docker(['run', '--rm', 'llb:1']).out, 'made\n')
})

test('a result is an input of a Dockerfile, and a Dockerfile of operations', { skip }, async () => {
  await build(lab.socket, {}, async frontend => {
    const [resolve, answer] = [gateway.resolveSourceRequest, gateway.resolveSourceResponse]
    const source = { identifier: 'docker-image://docker.io/library/busybox:latest' }
    const { Source, Image } = await frontend.call('ResolveSourceMeta', [resolve, answer], {
      Source: source,
      Platform: {},
      LogName: '',
      ResolveMode: '',
    })
    assert.match(Source!.identifier, /^docker-image:\/\/docker.io\/library\/busybox:latest@sha256:/)
    assert.equal(JSON.parse(Buffer.from(Image!.Config).toString()).os, 'linux')
    const named = { Ref: 'docker.io/library/busybox:latest' }
    const { Digest } = await frontend.call(
      'ResolveImageConfig',
      [gateway.resolveImageRequest, gateway.resolveImageResponse],
      named,
    )
    assert.equal(Digest, Image!.Digest)
    assert.deepEqual((await frontend.call('Inputs', [empty, gateway.inputsResponse], {})).Definitions, {})
    await frontend.call('Warn', [gateway.warnRequest, empty], { digest: command.digest, short: Buffer.from('careful') })
    return undefined
  })
})

test('a step that needs more than the client allows is not run', { skip }, async () => {
  const host = vertex(
    { exec: { meta: { args: ['true'], cwd: '/' }, network: 1, mounts: [{ dest: '/', input: 0, output: 0 }] } },
    [image],
  )
  await assert.rejects(
    build(lab.socket, {}, frontend => frontend.solve(host)),
    /network.host is not allowed/,
  )
  await build(lab.socket, { entitlements: ['network.host'] }, frontend => frontend.solve(host))
})
