import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startS3 } from '../../suites/s3.ts'
import { lacks, skopeo, startOurs, temporaryDir, writeImage } from './lab.ts'

test('blobs lie in a bucket: pushed, pulled after kill -9, collected', { skip: lacks('skopeo') }, async () => {
  using dir = temporaryDir()
  await using server = await startS3()
  const s3 = { bucket: server.bucket, endpoint: server.endpoint, prefix: 'r/' }
  const settings = { s3, gcIntervalSeconds: 0.3, gcGraceSeconds: 0, gcUntagged: true }
  writeImage(join(dir.path, 'image'), 'one')
  const root = join(dir.path, 'root')
  const objects = () => {
    const path = join(server.dir, 'r/blobs/sha256')
    return existsSync(path) ? readdirSync(path).filter(name => name.endsWith('_object')).length : 0
  }
  {
    await using ours = await startOurs(root, { ...settings, gcIntervalSeconds: 0 })
    await skopeo('copy', '--dest-tls-verify=false', `oci:${dir.path}/image:latest`, `docker://${ours.host}/app:1`)
    assert.equal(objects(), 3)
    assert.equal(existsSync(join(root, 'blobs')), false, 'nothing of it lies on the disk')
    ours.process.kill('SIGKILL')
    await once(ours.process, 'exit')
  }
  await using ours = await startOurs(root, settings)
  await skopeo('copy', '--src-tls-verify=false', `docker://${ours.host}/app:1`, `oci:${dir.path}/back:latest`)
  const part = await fetch(`http://${ours.host}/v2/app/manifests/1`, { headers: { Accept: '*/*' } })
  const { layers } = (await part.json()) as { layers: { digest: string; size: number }[] }
  const headers = { Range: 'bytes=1000-1009' }
  const range = await fetch(`http://${ours.host}/v2/app/blobs/${layers[0]!.digest}`, { headers })
  assert.equal((await range.arrayBuffer()).byteLength, 10)
  await skopeo('delete', '--tls-verify=false', `docker://${ours.host}/app:1`)
  for (let i = 0; i < 50 && objects() > 0; i++) await sleep(100)
  assert.equal(objects(), 0)
})
