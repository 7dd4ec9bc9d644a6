import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { statusResponse } from '../../../src/api/buildkit/wire/control.ts'
import { Lab } from '../engine/lab.ts'
import { tarOf } from './harness.ts'

const skip = process.getuid?.() === 0 ? (existsSync('/usr/bin/busybox') ? false : 'needs busybox') : 'needs root'
const lab = new Lab()

before(async () => {
  if (skip) return
  await lab.start()
  lab.importBusybox()
})
after(async () => {
  if (!skip) await lab[Symbol.asyncDispose]()
})

interface Message {
  readonly id?: string
  readonly aux?: unknown
  readonly error?: string
}

/** The messages of `POST /build?version=2`, as dockerode sends it. */
function build(query: string, files: Readonly<Record<string, string>>): Promise<readonly Message[]> {
  return new Promise((resolve, reject) => {
    const path = `/v1.51/build?version=2&${query}`
    const headers = { 'content-type': 'application/x-tar' }
    const sent = request({ socketPath: lab.socket, method: 'POST', path, headers }, async answer => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve(
        text
          .trim()
          .split('\n')
          .map(line => JSON.parse(line) as Message),
      )
    })
    sent.on('error', reject).end(tarOf(files))
  })
}

test('POST /build with version=2 is a build of BuildKit, with its progress inside', { skip }, async () => {
  const files = { 'sub/My': 'FROM busybox\nARG A\nRUN --mount=type=tmpfs,target=/t echo says $A\nCOPY f /\n', f: 'f' }
  const args = encodeURIComponent(JSON.stringify({ A: 'hello' }))
  const messages = await build(
    `dockerfile=sub/My&t=two:1&buildargs=${args}&labels=${encodeURIComponent('{"x":"y"}')}`,
    files,
  )
  const traces = messages.filter(({ id }) => id === 'moby.buildkit.trace')
  const status = traces.map(({ aux }) => statusResponse.decode(Buffer.from(aux as string, 'base64')))
  assert.ok(
    status.flatMap(({ vertexes }) => vertexes).some(({ name }) => name.includes('[2/3] RUN --mount=type=tmpfs')),
  )
  assert.match(Buffer.concat(status.flatMap(({ logs }) => logs).map(({ msg }) => msg)).toString(), /says hello/)
  const { ID } = messages.at(-1)!.aux as { readonly ID: string }
  assert.equal(lab.docker(['inspect', '-f', '{{.Id}} {{.Config.Labels.x}}', 'two:1']).out, `${ID} y\n`)
})

test('what goes wrong is the last message', { skip }, async () => {
  const last = async (query: string, dockerfile: string) =>
    (await build(query, { Dockerfile: dockerfile })).at(-1)?.error
  assert.match((await last('', 'FROM busybox\nRUN exit 3\n'))!, /did not complete successfully: exit code: 3/)
  assert.equal(
    await last('dockerfile=x', 'FROM busybox\n'),
    'failed to read dockerfile: open x: no such file or directory',
  )
  assert.match((await last('', 'FROM busybox\nNOPE\n'))!, /dockerfile parse error on line 2: unknown instruction: NOPE/)
})
