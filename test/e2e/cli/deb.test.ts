import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { minimalTree } from '../../suites/debian-tree.ts'

const root = resolve(import.meta.dirname, '../../..')
const isRoot = process.getuid?.() === 0
const canMake = spawnSync('sh', ['-c', 'command -v dpkg-deb && command -v unshare']).status === 0
const skip = !isRoot ? 'only for root' : !canMake ? 'needs dpkg-deb and unshare' : minimalTree.lacks

describe('the Debian package', { skip, timeout: 900_000 }, () => {
  const work = mkdtempSync('/var/tmp/berth-deb-')
  const netns = `berth-deb-${process.pid}`
  let said = ''

  before(() => {
    minimalTree.make()
    execFileSync(join(root, 'scripts/build-deb'), { stdio: 'ignore', timeout: 200_000 })
    const name = readdirSync(join(root, 'dist')).find(file => file.endsWith('.deb'))!
    execFileSync('ip', ['netns', 'add', netns])
    execFileSync('nsenter', [`--net=/run/netns/${netns}`, 'ip', 'link', 'set', 'lo', 'up'])
    const lab = ['sh', join(import.meta.dirname, 'deb-lab.sh'), minimalTree.path, join(root, 'dist', name), netns, work]
    said = execFileSync('unshare', ['-m', '--propagation', 'private', ...lab], { encoding: 'utf8', timeout: 400_000 })
  })
  after(() => {
    spawnSync('ip', ['netns', 'del', netns])
    rmSync(work, { recursive: true, force: true })
  })

  test('makes its group and runs containers', () => {
    assert.match(said, /^group: berth$/m)
    assert.match(said, /^engine: \d/m)
    assert.match(said, /^run: hello$/m)
    assert.match(said, /^kept: keeper$/m)
    assert.doesNotMatch(said, /man: missing/)
  })

  test('leaves nothing but data when it is purged', () => {
    assert.match(said, /^left: *$/m)
  })
})
