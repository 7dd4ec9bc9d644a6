import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { lacks, skopeo, startOurs, temporaryDir, writeImage } from './lab.ts'

/** Sends the start of a chunk and stays connected. */
async function startChunk(host: string): Promise<void> {
  const { headers } = await fetch(`http://${host}/v2/app/blobs/uploads/`, { method: 'POST' })
  const chunk = request(`http://${host}${headers.get('location')}`, { method: 'PATCH' })
  chunk.on('error', () => {}) // the server is about to die
  chunk.write(Buffer.alloc(3_000_000, 'x'))
}

test('kill -9 keeps what was acknowledged and leaves nothing half', { skip: lacks('skopeo') }, async () => {
  using dir = temporaryDir()
  const root = join(dir.path, 'root')
  writeImage(join(dir.path, 'image'), 'one')
  const ingest = () => readdirSync(join(root, 'ingest')).length
  {
    await using ours = await startOurs(root)
    await skopeo('copy', '--dest-tls-verify=false', `oci:${dir.path}/image:latest`, `docker://${ours.host}/app:1`)
    await startChunk(ours.host)
    for (let i = 0; i < 50 && ingest() === 0; i++) await sleep(50)
    assert.equal(ingest(), 1)
    ours.process.kill('SIGKILL')
    await once(ours.process, 'exit')
  }
  await using ours = await startOurs(root)
  assert.equal(ingest(), 0)
  await skopeo('copy', '--src-tls-verify=false', `docker://${ours.host}/app:1`, `oci:${dir.path}/back:latest`)
  assert.equal(readdirSync(join(root, 'blobs/sha256')).length, 3)
})

test('SIGTERM ends the server once it has answered', async () => {
  using dir = temporaryDir()
  await using ours = await startOurs(join(dir.path, 'root'))
  // one connection that never asks, one that has asked and stays
  const socket = connect(Number(ours.host.split(':')[1]), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  await (await fetch(`http://${ours.host}/v2/`)).arrayBuffer()
  const before = Date.now()
  ours.process.kill('SIGTERM')
  const [code] = await once(ours.process, 'exit')
  assert.equal(code, 0)
  assert.ok(Date.now() - before < 5000)
})
