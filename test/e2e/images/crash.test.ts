import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openImages } from './harness.ts'
import { pushImage, startRegistry } from './registry.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

test('killed at any moment of a pull, the disk holds all of the image or nothing', {
  skip,
  timeout: 60_000,
}, async () => {
  await using registry = await startRegistry()
  pushImage(registry.host, 'app:latest', { layers: 4, files: 1000, bytes: 4000 })
  const name = `${registry.host}/app`
  const root = mkdtempSync('/var/tmp/crash-')
  try {
    for (const millis of [250, 350, 450, 600, 800]) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'pull-child.ts'), root, name], {
        stdio: 'ignore',
      })
      const gone = new Promise(resolve => child.once('exit', resolve))
      await sleep(millis)
      child.kill('SIGKILL')
      await gone
      await using here = openImages(root)
      await here.images.recover()
      const [image] = await here.images.list({
        all: true,
        filters: new Map(),
        sharedSize: false,
        digests: false,
        manifests: false,
      })
      assert.deepEqual(
        here.disk(),
        image ? { blobs: 6, layers: 4, unfinished: 0 } : { blobs: 0, layers: 0, unfinished: 0 },
      )
      if (image) await here.images.remove(name, { force: false, noPrune: false })
    }
    await using here = openImages(root)
    await here.pull(name)
    assert.deepEqual(here.disk(), { blobs: 6, layers: 4, unfinished: 0 })
  } finally {
    rmSync(root, { recursive: true })
  }
})
