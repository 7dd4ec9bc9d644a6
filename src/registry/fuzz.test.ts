import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type Lab, ociIndex, ociManifest, openLab, sha256 } from '../../test/suites/registry-lab.ts'
import { collectGarbage } from './gc.ts'
import { scrub } from './scrub.ts'

/** Requests of each run; FUZZ_ROUNDS for a long one. */
const rounds = Number(process.env.FUZZ_ROUNDS ?? 400)

function seeded(seed: number) {
  let state = seed
  const below = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  return { below, pick: <T>(list: readonly T[]): T => list[below(list.length)]! }
}

type Random = ReturnType<typeof seeded>

const odd = [
  '',
  '..',
  '%00',
  '%2e%2e%2f',
  'ä',
  '💥',
  '-',
  'a'.repeat(300),
  '__proto__',
  '0',
  '-1',
  '1e99',
  '/',
  '\\',
  '{}',
]
const goodNames = ['a', 'a/b', 'team/app']
const seeds = ['one', 'two', 'three']

const digests = ({ pick, below }: Random) =>
  pick([
    ...seeds.map(sha256),
    sha256('{}'),
    `sha256:${'0'.repeat(64)}`,
    `sha512:${'0'.repeat(128)}`,
    `sha256:${'z'.repeat(64)}`,
    'sha256:',
    pick(odd),
    `sha256:${'a'.repeat(below(70))}`,
  ])
const names = ({ pick, below }: Random) => (below(5) ? pick(goodNames) : pick(odd))

function json({ pick, below }: Random, depth = 0): unknown {
  if (depth > 4 || below(3) === 0) return pick([null, true, 0, -1, 1e300, '', 'x', ociManifest, sha256('one'), [], {}])
  if (below(2)) return Array.from({ length: below(4) }, () => json({ pick, below }, depth + 1))
  const keys = ['schemaVersion', 'mediaType', 'config', 'layers', 'manifests', 'subject', 'digest', 'size', '__proto__']
  return Object.fromEntries(Array.from({ length: below(5) }, () => [pick(keys), json({ pick, below }, depth + 1)]))
}

function manifest(random: Random): string {
  const { pick, below } = random
  const descriptor = () => ({
    mediaType: pick(['x/y', ociManifest, ociIndex, 7 as never]),
    digest: digests(random),
    size: pick([3, 5, -1, 0, 2 ** 60, '3' as never]),
  })
  const whole = {
    schemaVersion: pick([2, 2, 2, 1, '2' as never]),
    mediaType: pick([ociManifest, ociIndex, undefined]),
    config: descriptor(),
    layers: Array.from({ length: below(3) }, descriptor),
    ...(below(3) ? {} : { manifests: [descriptor()] }),
    ...(below(3) ? {} : { subject: descriptor() }),
  }
  return pick([
    () => JSON.stringify(whole),
    () => JSON.stringify(json(random)),
    () => '['.repeat(below(5000)),
    () => '{"a":'.repeat(3000),
  ])()
}

/** A body that ends where nobody expects it. */
const cut = (text: string, at: number) =>
  Readable.from(
    (async function* () {
      yield Buffer.from(text.slice(0, at))
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
    })(),
  )

async function step(lab: Lab, random: Random, uploads: string[]): Promise<void> {
  const { below, pick } = random
  const name = names(random)
  const path = pick([
    () => `/v2/${name}/manifests/${pick([digests(random), 'latest', 't1', pick(odd)])}`,
    () => `/v2/${name}/blobs/${digests(random)}`,
    () =>
      `/v2/${name}/blobs/uploads/${pick(['', `?digest=${digests(random)}`, `?mount=${digests(random)}&from=${names(random)}`])}`,
    () => `${pick([...uploads, `/v2/${name}/blobs/uploads/${pick(odd)}`])}${pick(['', `?digest=${digests(random)}`])}`,
    () => `/v2/${name}/tags/list?n=${pick([...odd, '2'])}&last=${pick(odd)}`,
    () => `/v2/${name}/referrers/${digests(random)}?artifactType=${pick(odd)}`,
    () => `/v2/_catalog?n=${pick(odd)}`,
    () => `/${pick(odd)}/${pick(odd)}`,
  ])()
  const method = pick(['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'PUT', 'POST', 'PATCH', 'OPTIONS', 'BREW'])
  const text = pick([() => pick(seeds), () => manifest(random), () => pick(odd)])()
  const body = below(6) === 0 ? cut(text, below(text.length + 1)) : text
  const range = pick(['bytes=0-', 'bytes=5-2', 'bytes=-1', 'bytes=9999999999999999999-', 'x', '0-2', '3-4', pick(odd)])
  const headers = {
    ...(below(3) ? {} : { range }),
    ...(below(3) ? {} : { 'content-range': range }),
    ...(below(4) ? {} : { 'content-length': pick(['0', '3', '-1', 'x']) }),
    'content-type': pick([ociManifest, ociIndex, 'text/plain', '', 'application/json;;']),
  }
  const answer = await lab.send(method, path, body, headers).catch(error => {
    // a connection that was cut hears no answer
    if (error.code !== 'ECONNRESET') throw error
    return undefined
  })
  if (!answer) return
  const what = `${method} ${path} ${JSON.stringify(headers)}: ${answer.status} ${answer.text.slice(0, 200)}`
  const wasCut = typeof body !== 'string'
  assert.ok(answer.status < 500 || wasCut, what)
  if (answer.status >= 400 && method !== 'HEAD' && path.startsWith('/v2/'))
    assert.ok(answer.code !== undefined || wasCut, what)
  if (answer.status === 202 && answer.headers.Location) uploads.push(String(answer.headers.Location))
}

/** What is stored hangs together, whatever was asked. */
async function check(lab: Lab): Promise<void> {
  const { repositories, content } = lab.context
  for (const name of repositories.names()) {
    const { manifests, tags } = repositories.get(name)!
    for (const target of tags.values()) assert.ok(manifests.has(target), 'a tag points at nothing')
    for (const { blobs, digest } of manifests.values())
      for (const blob of [{ digest }, ...blobs]) assert.ok(content.has(blob.digest), 'a manifest points at nothing')
  }
  assert.deepEqual((await scrub(lab.context)).damaged, [])
}

test('whatever is asked, the answer has an OCI code, and the store stays whole', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const lab = openLab({ maxOpen: 50 })
    const random = seeded(seed)
    const uploads: string[] = []
    for (const name of goodNames) for (const text of seeds) await lab.pushBlob(name, text)
    for (let i = 0; i < rounds; i++) {
      await step(lab, random, uploads)
      if (random.below(20) === 0) lab.clock += random.pick([-1e9, 1000, 1e9]) // clocks jump
      if (random.below(50) === 0)
        await collectGarbage(lab.context, { graceMillis: 1000, untagged: random.below(2) === 0 })
    }
    await check(lab)
    await lab.context.uploads.expire(Number.NEGATIVE_INFINITY)
    assert.equal(lab.context.uploads.size, 0)
  }
})
