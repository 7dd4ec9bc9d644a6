import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import bcrypt from 'bcryptjs'
import { Lab } from '../engine/lab.ts'

const root = resolve(import.meta.dirname, '../../..')
const password = 'tell-nobody'
const server = 'localhost:5055'

/** A folder with just these programs, for PATH. */
function pathWith(dir: string, programs: readonly string[]): string {
  mkdirSync(dir)
  for (const name of programs) symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(dir, name))
  return dir
}

const lacks = (program: string) => (spawnSync('which', [program]).status === 0 ? false : `needs ${program}`)

describe('credentials at rest', { timeout: 200_000 }, () => {
  const lab = new Lab()
  const dir = mkdtempSync('/var/tmp/berth-credentials-')
  let registry: ReturnType<typeof spawn>

  before(async () => {
    execFileSync(join(root, 'scripts/build-client'))
    await lab.start()
    lab.importBusybox()
    writeFileSync(join(dir, 'htpasswd'), `ann:${bcrypt.hashSync(password, 5)}\n`)
    writeFileSync(join(dir, 'registry.json'), JSON.stringify({ htpasswd: join(dir, 'htpasswd') }))
    const words = ['--addr', '127.0.0.1:5055', '--root', join(dir, 'blobs'), '--config', join(dir, 'registry.json')]
    registry = spawn('nsenter', [`--net=/run/netns/${lab.netns}`, join(root, 'bin/berth-registry'), ...words])
    for (let i = 0; i < 100; i++) {
      if (spawnSync('nsenter', [`--net=/run/netns/${lab.netns}`, 'curl', '-s', `${server}/v2/`]).status === 0) break
      await delay(100)
    }
  })
  after(async () => {
    registry?.kill()
    await lab[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  /** Our client in a home of its own. */
  function client(name: string, path: string, config: object = { sealCredentials: true }) {
    const home = join(dir, name)
    mkdirSync(home)
    writeFileSync(join(home, 'config.json'), JSON.stringify(config))
    const env = { PATH: path, DOCKER_CONFIG: home, HOME: home, DOCKER_HOST: `unix://${lab.socket}` }
    const run = (...args: string[]) => spawnSync(join(root, 'dist/berth'), args, { env, encoding: 'utf8' })
    return { env, run, config: () => readFileSync(join(home, 'config.json'), 'utf8') }
  }

  function loginAndPush({ config, run }: ReturnType<typeof client>) {
    const login = run('login', '-u', 'ann', '-p', password, server)
    assert.match(login.stdout, /Login Succeeded/, login.stderr)
    run('tag', 'busybox', `${server}/box:1`)
    const push = run('push', `${server}/box:1`)
    assert.equal(push.status, 0, push.stderr)
    return { said: login.stderr, kept: config() }
  }

  const secrets = [password, Buffer.from(`ann:${password}`).toString('base64')]

  test('sealed by systemd-creds', { skip: lacks('systemd-creds') }, () => {
    const { kept, said } = loginAndPush(client('host', pathWith(join(dir, 'p1'), ['systemd-creds'])))
    assert.match(kept, /"sealed": "host:/)
    for (const secret of secrets) assert.ok(!kept.includes(secret))
    assert.doesNotMatch(said, /unencrypted/)
  })

  test("sealed with a key in the kernel's keyring, and what it says when that is gone", {
    skip: lacks('keyctl'),
  }, () => {
    const mine = client('keyring', pathWith(join(dir, 'p2'), ['keyctl']))
    const { kept, said } = loginAndPush(mine)
    assert.match(kept, /"sealed": "keyring:/)
    for (const secret of secrets) assert.ok(!kept.includes(secret))
    assert.doesNotMatch(said, /unencrypted/)
    const key = execFileSync('keyctl', ['search', '@u', 'user', 'berth:credentials'], { encoding: 'utf8' }).trim()
    const bytes = execFileSync('keyctl', ['pipe', key])
    execFileSync('keyctl', ['unlink', key, '@u'])
    try {
      const push = mine.run('push', `${server}/box:1`)
      assert.equal(push.status, 1)
      assert.match(
        push.stderr,
        /key that seals the credentials for localhost:5055 is gone .*: log in again with 'berth login localhost:5055'/,
      )
    } finally {
      const again = execFileSync('keyctl', ['padd', 'user', 'berth:credentials', '@u'], {
        input: bytes,
        encoding: 'utf8',
      })
      execFileSync('keyctl', ['setperm', again.trim(), '0x3f3f0000'])
    }
    assert.equal(mine.run('push', `${server}/box:1`).status, 0)
    // as from cron: a session that does not possess the keyring of its user
    const words = ['session', '-', join(root, 'dist/berth'), 'push', `${server}/box:1`]
    assert.equal(spawnSync('keyctl', words, { env: mine.env }).status, 0)
  })

  test('where neither is there it works, and warns', () => {
    const { kept, said } = loginAndPush(client('open', pathWith(join(dir, 'p3'), [])))
    assert.ok(kept.includes(secrets[1]!))
    assert.match(said, /WARNING: neither systemd-creds nor the kernel keyring could seal the credentials on this host/)
    assert.match(said, /credentials are stored unencrypted in '.*config\.json'/)
  })

  test('a helper is asked first, and nothing is kept here', () => {
    const path = pathWith(join(dir, 'p4'), ['cat', 'sh'])
    const kept = join(dir, 'helper-kept')
    const script = `#!/bin/sh\ncase $1 in store) cat >${kept};; get) [ -s ${kept} ] && exec cat ${kept}; echo 'credentials not found in native keychain'; exit 1;; erase) : >${kept};; list) echo '{}';; esac\n`
    writeFileSync(join(path, 'docker-credential-lab'), script, { mode: 0o755 })
    const mine = client('helper', path, { sealCredentials: true, credsStore: 'lab' })
    const { kept: file } = loginAndPush(mine)
    assert.deepEqual(JSON.parse(file).auths, { [server]: {} })
    assert.equal(JSON.parse(readFileSync(kept, 'utf8')).Secret, password)
  })

  test('logout forgets', () => {
    const mine = client('bye', pathWith(join(dir, 'p5'), []), {})
    loginAndPush(mine)
    assert.equal(mine.run('logout', server).status, 0)
    assert.equal(mine.config().includes(secrets[1]!), false)
    assert.notEqual(mine.run('push', `${server}/box:1`).status, 0)
  })
})
