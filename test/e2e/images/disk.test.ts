import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { RemoteEngine } from '../../../src/client/index.ts'
import { busyboxTar, Lab } from '../engine/lab.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

test('every byte on disk has an owner, and all owners together are what du says', { skip }, async () => {
  await using lab = await new Lab().start()
  assert.equal(lab.docker(['import', '-', 'bb'], busyboxTar()).code, 0)
  const create = lab.docker([
    'run',
    '--name',
    'one',
    '-v',
    'data:/data',
    'bb',
    'sh',
    '-c',
    'echo x >/file; echo y >/data/file',
  ])
  assert.equal(create.code, 0, create.err)
  const engine = new RemoteEngine({ host: `unix://${lab.socket}` })
  const root = join(lab.dir, 'data')
  const stray = { blob: `content/blobs/sha256/${'a'.repeat(64)}`, container: `containers/${'b'.repeat(64)}` }
  writeFileSync(join(root, stray.blob), 'x'.repeat(10_000))
  mkdirSync(join(root, stray.container))
  const owners = await engine.system.diskOwners()
  const du = Number(execFileSync('du', ['-s', '--block-size=1', root]).toString().split('\t')[0])
  assert.equal(
    owners.reduce((sum, { size }) => sum + size, 0),
    du,
  )
  const nobody = owners.find(({ name }) => name === 'nobody')
  assert.deepEqual(nobody?.paths?.toSorted(), Object.values(stray).toSorted())
  for (const name of ['layers', 'blobs', 'containers', 'volumes', 'engine'])
    assert.ok(
      owners.some(owner => owner.name === name && owner.size > 0),
      name,
    )
  const checked = execFileSync(resolve('bin/berth'), [
    '-H',
    `unix://${lab.socket}`,
    'system',
    'check',
    '--repair',
  ]).toString()
  assert.match(checked, new RegExp(`nobody's: ${stray.blob}`))
  assert.match(checked, /\d+ blobs and 1 layers read/)
})
