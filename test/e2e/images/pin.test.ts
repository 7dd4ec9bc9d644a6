import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { openImages } from './harness.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'
const layer = (name: string) =>
  Readable.from([execFileSync('tar', ['-c', '--transform', `s,.*,${name},`, '/dev/null'])])

test('a pinned layer keeps what it stands on when its image goes', { skip }, async () => {
  await using here = openImages()
  const { images, snapshots } = here
  const below = await images.commitImage({ layer: { tar: layer('a') }, config: {} })
  const image = await images.commitImage({ parent: below, layer: { tar: layer('b') }, config: {}, repo: 'x' })
  const chain = images.resolve(image).chainId!
  const pin = images.pin([chain])
  await images.remove('x', { force: false, noPrune: false })
  await images.collect()
  assert.equal(snapshots.layers(chain).length, 2)
  pin[Symbol.dispose]()
  await images.collect()
  assert.deepEqual(snapshots.list(), [])
})
