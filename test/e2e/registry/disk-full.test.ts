import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { sha256, startOurs, temporaryDir } from './lab.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

function mountSmall(path: string, size: string): Disposable {
  mkdirSync(path)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path])
  return { [Symbol.dispose]: () => execFileSync('umount', [path]) }
}

test('a full disk refuses the upload, leaves nothing of it, and takes a smaller one', { skip }, async () => {
  using dir = temporaryDir()
  const root = join(dir.path, 'root')
  using _disk = mountSmall(root, '8m')
  await using ours = await startOurs(root)
  const push = (bytes: Buffer) =>
    fetch(`http://${ours.host}/v2/app/blobs/uploads/?digest=${sha256(bytes)}`, { method: 'POST', body: bytes })
  const refused = await push(Buffer.alloc(9 << 20, 'a'))
  assert.deepEqual([refused.status, JSON.parse(await refused.text()).errors[0].code], [500, 'UNKNOWN'])
  assert.deepEqual(readdirSync(join(root, 'ingest')), [])
  const small = Buffer.alloc(1 << 20, 'b')
  assert.equal((await push(small)).status, 201)
  const back = await fetch(`http://${ours.host}/v2/app/blobs/${sha256(small)}`)
  assert.equal(sha256(Buffer.from(await back.arrayBuffer())), sha256(small))
})
