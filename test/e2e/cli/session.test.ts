import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '../../..')
const isRoot = process.getuid?.() === 0
const hasDocker = spawnSync('docker', ['--version']).status === 0

/** In a network and folders of its own, all gone with it. */
const alone = `for folder in /var/lib/berth /run/berth /var/log/berth; do mkdir -p "$folder"; mount -t tmpfs tmpfs "$folder"; done
ip link set lo up
exec "$1" 2>&1`

const skip =
  !isRoot || !hasDocker || existsSync('/run/berthd.pid') ? 'wants root, docker and no engine of its own' : false

test('the session that the README shows, played again', { skip, timeout: 200_000 }, () => {
  const { DOCKER_HOST: _host, DOCKER_CONTEXT: _context, DOCKER_CONFIG: _config, ...rest } = process.env
  const env = { ...rest, PLAY_PAUSE: '0.3', PLAY_KEY: '0' }
  const words = ['-m', '-n', '--propagation', 'private', 'sh', '-c', alone, 'sh', join(root, 'docs/session/play')]
  const { stdout } = spawnSync('unshare', words, { env, encoding: 'utf8', timeout: 190_000 })
  const said = stdout.replaceAll(/\x1b\[[\d;]*m/g, '')
  assert.match(said, /^Hello from a container$/m)
  const id = /^([0-9a-f]{12})[0-9a-f]{52}$/m.exec(said)?.[1]
  assert.ok(id, said)
  assert.equal(said.match(new RegExp(`^${id}$`, 'gm'))?.length, 2, said)
  assert.match(said, /^web +Up \d+ seconds +0\.0\.0\.0:8080->80\/tcp, \[::\]:8080->80\/tcp$/m)
  assert.match(said, /^built here$/m)
  assert.match(said, /^Did you mean 'image'\?$/m)
})
