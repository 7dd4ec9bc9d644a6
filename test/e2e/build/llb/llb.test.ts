import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as gateway from '../../../../src/api/buildkit/wire/gateway.ts'
import { empty } from '../../../../src/api/buildkit/wire/message.ts'
import { Lab } from '../../engine/lab.ts'
import { cases } from './cases.ts'
import { build, definitionOf, vertex } from './client.ts'
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

test('a frontend asks for images, for its inputs, and warns', { skip }, async () => {
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

test('files that operations make are contexts of a Dockerfile, and the Dockerfile itself', { skip }, async () => {
  const text = 'FROM x\nCOPY --from=y /made /from-y\nCOPY f /\nRUN cat /made /f > /both\n'
  const file = (path: string, data: string) => ({
    input: -1,
    secondaryInput: -1,
    output: 0,
    makeFile: { path, mode: 0o644, data: Buffer.from(data), timestamp: -1 },
  })
  const dockerfile = vertex({ file: { actions: [file('/Dockerfile', text)] } })
  const context = vertex({ file: { actions: [file('/f', 'context')] } })
  const image = { config: { Env: ['PATH=/bin'], Cmd: ['cat', '/both', '/from-y'] } }
  const metadata = { 'containerimage.config': Buffer.from(JSON.stringify(image)).toString('base64') }
  const exporter = { Type: 'moby', Attrs: { name: 'docker.io/library/inputs:1' } }
  const inputs = { x: command, y: command, dockerfile, context }
  await build(lab.socket, { exporter }, async frontend => {
    const request = {
      Frontend: 'dockerfile.v0',
      FrontendOpt: { 'context:x': 'input:x', 'context:y': 'input:y', 'input-metadata:x': JSON.stringify(metadata) },
      FrontendInputs: Object.fromEntries(Object.entries(inputs).map(([name, graph]) => [name, definitionOf(graph)])),
      Evaluate: true,
    }
    const { result } = await frontend.call('Solve', [gateway.solveRequest, gateway.solveResponse], request)
    return result!.ref!.id
  })
  assert.equal(lab.docker(['run', '--rm', 'inputs:1']).out, 'made\ncontextmade\n')
})
