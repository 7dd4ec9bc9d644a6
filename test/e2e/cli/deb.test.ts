import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'

const root = resolve(import.meta.dirname, '../../..')
const tree = process.env.BERTH_DEBIAN ?? '/var/cache/berth-debian'
const isRoot = process.getuid?.() === 0
const canMake = spawnSync('sh', ['-c', 'command -v dpkg-deb && command -v unshare']).status === 0
const canBootstrap = existsSync(join(tree, 'usr')) || spawnSync('sh', ['-c', 'command -v debootstrap']).status === 0
const skip = !isRoot ? 'only for root' : !canMake || !canBootstrap ? 'needs dpkg-deb, unshare and debootstrap' : false

describe('the Debian package', { skip, timeout: 900_000 }, () => {
  const work = mkdtempSync('/var/tmp/berth-deb-')
  const netns = `berth-deb-${process.pid}`
  let said = ''

  before(() => {
    if (!existsSync(join(tree, 'usr')))
      execFileSync('debootstrap', ['--variant=minbase', 'bookworm', tree], { stdio: 'ignore', timeout: 600_000 })
    execFileSync(join(root, 'scripts/build-deb'), { stdio: 'ignore', timeout: 200_000 })
    const name = readdirSync(join(root, 'dist')).find(file => file.endsWith('.deb'))!
    execFileSync('ip', ['netns', 'add', netns])
    execFileSync('nsenter', [`--net=/run/netns/${netns}`, 'ip', 'link', 'set', 'lo', 'up'])
    const lab = ['sh', join(import.meta.dirname, 'deb-lab.sh'), tree, join(root, 'dist', name), netns, work]
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
