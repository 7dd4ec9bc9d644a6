import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startS3 } from '../../suites/s3.ts'
import { lacks, sha256, skopeo, startOurs, temporaryDir, writeImage } from './lab.ts'

/** Registries over one bucket, each with nothing but scratch files of its own. */
async function startReplicas(dir: string, more: object = {}) {
  const server = await startS3()
  const s3 = { bucket: server.bucket, endpoint: server.endpoint, prefix: 'r/', shared: true }
  const start = (name: string) => startOurs(join(dir, name), { s3, gcIntervalSeconds: 0, ...more })
  const replicas = [await start('one'), await start('two')] as const
  return {
    server,
    start,
    replicas,
    async [Symbol.asyncDispose]() {
      for (const replica of replicas) await replica[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const ask = (host: string, path: string, init: RequestInit = {}) => fetch(`http://${host}/v2/${path}`, init)

async function pushBlob(host: string, name: string, bytes: Buffer) {
  const query = `blobs/uploads/?digest=${sha256(bytes)}`
  const headers = { 'Content-Type': 'application/octet-stream' }
  return ask(host, `${name}/${query}`, { method: 'POST', body: new Uint8Array(bytes), headers })
}

const mediaType = 'application/vnd.oci.image.manifest.v1+json'

async function pushImage(host: string, name: string, tag: string, seed: string): Promise<number> {
  const config = Buffer.from(
    JSON.stringify({ seed, os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } }),
  )
  const layer = Buffer.from(`layer of ${seed}`)
  for (const blob of [config, layer]) {
    const { status } = await pushBlob(host, name, blob)
    if (status !== 201) return status
  }
  const describe = (bytes: Buffer, type: string) => ({ mediaType: type, digest: sha256(bytes), size: bytes.length })
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: describe(config, 'application/vnd.oci.image.config.v1+json'),
    layers: [describe(layer, 'application/vnd.oci.image.layer.v1.tar')],
  }
  const headers = { 'Content-Type': mediaType }
  return (await ask(host, `${name}/manifests/${tag}`, { method: 'PUT', headers, body: JSON.stringify(manifest) }))
    .status
}

test('what one registry has taken, the other gives at once', { skip: lacks('skopeo') }, async () => {
  using dir = temporaryDir()
  await using lab = await startReplicas(dir.path)
  const [one, two] = lab.replicas
  writeImage(join(dir.path, 'image'), 'first')
  await skopeo('copy', '--dest-tls-verify=false', `oci:${dir.path}/image:latest`, `docker://${one.host}/app:1`)
  await skopeo('copy', '--src-tls-verify=false', `docker://${two.host}/app:1`, `oci:${dir.path}/back:latest`)
  assert.deepEqual(await (await ask(two.host, 'app/tags/list')).json(), { name: 'app', tags: ['1'] })
  assert.deepEqual(await (await ask(two.host, '_catalog')).json(), { repositories: ['app'] })
  assert.equal((await ask(two.host, 'app/manifests/1', { method: 'DELETE' })).status, 202)
  assert.equal((await ask(one.host, 'app/manifests/1')).status, 404)
})

test('an upload goes on at another registry', async () => {
  using dir = temporaryDir()
  await using lab = await startReplicas(dir.path)
  const [one, two] = lab.replicas
  const bytes = randomBytes(300_000)
  const started = await ask(one.host, 'app/blobs/uploads/', { method: 'POST' })
  const path = started.headers.get('location')!.slice('/v2/'.length)
  const patch = async (host: string, start: number, end: number) =>
    ask(host, path, {
      method: 'PATCH',
      body: new Uint8Array(bytes.subarray(start, end)),
      headers: { 'Content-Range': `${start}-${end - 1}` },
    })
  assert.equal((await patch(two.host, 0, 100_000)).status, 202)
  assert.equal((await patch(one.host, 100_000, 250_000)).status, 202)
  assert.equal((await patch(two.host, 100_000, 250_000)).status, 416, 'these bytes are there')
  assert.equal((await ask(two.host, path)).headers.get('range'), '0-249999')
  const last = new Uint8Array(bytes.subarray(250_000))
  assert.equal((await ask(two.host, `${path}?digest=${sha256(bytes)}`, { method: 'PUT', body: last })).status, 201)
  const got = Buffer.from(await (await ask(one.host, `app/blobs/${sha256(bytes)}`)).arrayBuffer())
  assert.ok(got.equals(bytes))
  assert.equal((await ask(one.host, path)).status, 404, 'its parts are gone')
})

test('a registry that was killed and comes back with empty folders has lost nothing', async () => {
  using dir = temporaryDir()
  await using lab = await startReplicas(dir.path)
  const [one] = lab.replicas
  for (let i = 0; i < 5; i++) assert.equal(await pushImage(one.host, `app${i}`, 'x', `seed ${i}`), 201)
  one.process.kill('SIGKILL')
  await once(one.process, 'exit')
  await using fresh = await lab.start('three')
  for (let i = 0; i < 5; i++) assert.equal((await ask(fresh.host, `app${i}/manifests/x`)).status, 200)
})

test('two collect garbage while both are pushed to: no tag points at nothing, and the rest goes', {
  timeout: 120_000,
}, async () => {
  using dir = temporaryDir()
  await using lab = await startReplicas(dir.path, { gcIntervalSeconds: 0.2, gcGraceSeconds: 3, gcUntagged: true })
  const hosts = lab.replicas.map(({ host }) => host)
  const end = Date.now() + 8000
  let pushed = 0
  const work = async (worker: number) => {
    for (let i = 0; Date.now() < end || pushed <= 20; i++) {
      const [here, there] = [hosts[(worker + i) % 2]!, hosts[(worker + i + 1) % 2]!]
      // few seeds: the same bytes are pushed, collected and pushed again
      const status = await pushImage(here, `app${worker % 3}`, `t${i % 4}`, `seed ${(worker * 7 + i) % 5}`)
      assert.ok([201, 400, 503].includes(status), `${status} ${here}`)
      if (status === 201) pushed++
      if (i % 3 === 2) await ask(there, `app${worker % 3}/manifests/t${i % 4}`, { method: 'DELETE' })
      if (i % 5 === 4) await sleep(400)
    }
  }
  await Promise.all([0, 1, 2, 3].map(work))
  const needed = new Set<string>()
  for (const host of hosts)
    for (const name of ['app0', 'app1', 'app2']) {
      const { tags } = (await (await ask(host, `${name}/tags/list`)).json()) as { tags?: string[] }
      for (const tag of tags ?? []) {
        const answer = await ask(host, `${name}/manifests/${tag}`)
        assert.equal(answer.status, 200)
        needed.add(answer.headers.get('docker-content-digest')!)
        const { config, layers } = (await answer.json()) as { config: { digest: string }; layers: { digest: string }[] }
        for (const { digest } of [config, ...layers]) {
          assert.equal((await ask(host, `${name}/blobs/${digest}`)).status, 200, `${name}:${tag} ${digest}`)
          needed.add(digest)
        }
      }
    }
  const folder = join(lab.server.dir, 'r/blobs/sha256')
  const stored = () => (existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('_object')).length : 0)
  for (let i = 0; i < 150 && stored() > needed.size; i++) await sleep(100)
  assert.equal(stored(), needed.size)
})
