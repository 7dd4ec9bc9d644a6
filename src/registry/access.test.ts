import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import bcrypt from 'bcryptjs'
import { openLab } from '../../test/suites/registry-lab.ts'
import { UserAccess } from './access.ts'
import { Passwords, parseHtpasswd } from './passwords.ts'
import { toDecision } from './rules.ts'

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

function withAccess(anonymousRead: boolean, body: (access: UserAccess, path: string) => Promise<void>) {
  return async () => {
    const dir = mkdtempSync(join(tmpdir(), 'htpasswd-'))
    const path = join(dir, 'htpasswd')
    writeFileSync(path, `# users\nanna:${bcrypt.hashSync('secret', 4)}\nmd5:$apr1$x$y\n`)
    try {
      const passwords = new Passwords({ path, delayMillis: 2 })
      await body(new UserAccess({ passwords, decide: toDecision(undefined, anonymousRead) }), path)
    } finally {
      rmSync(dir, { recursive: true })
    }
  }
}

test(
  'only users with the right password come in, and a changed file counts at once',
  withAccess(false, async (access, path) => {
    const { send } = openLab({ access })
    const refused = await send('GET', '/v2/')
    assert.deepEqual([refused.status, refused.code], [401, 'UNAUTHORIZED'])
    assert.equal((await send('GET', '/metrics')).status, 401)
    assert.equal((await send('GET', '/healthz')).status, 200)
    assert.equal(refused.headers['Www-Authenticate'], 'Basic realm="berth-registry"')
    for (const wrong of ['anna:wrong', 'otto:secret', 'md5:x', 'anna', ':'])
      assert.equal((await send('GET', '/v2/', '', basic(wrong))).status, 401, wrong)
    assert.equal((await send('GET', '/v2/', '', basic('anna:secret'))).status, 200)
    writeFileSync(path, `anna:${bcrypt.hashSync('changed', 4)}\n`)
    assert.equal((await send('GET', '/v2/', '', basic('anna:secret'))).status, 401)
  }),
)

test(
  'anonymous read pulls and does not push',
  withAccess(true, async access => {
    const { send } = openLab({ access })
    assert.equal((await send('GET', '/v2/foo/tags/list')).code, 'NAME_UNKNOWN')
    assert.equal((await send('POST', '/v2/foo/blobs/uploads/')).code, 'UNAUTHORIZED')
    assert.equal((await send('POST', '/v2/foo/blobs/uploads/', '', basic('anna:secret'))).status, 202)
    assert.equal((await send('GET', '/v2/foo/tags/list', '', basic('anna:wrong'))).code, 'UNAUTHORIZED')
  }),
)

test(
  'guesses of one address wait for one another, longer each time',
  withAccess(false, async access => {
    const { send } = openLab({ access })
    const started = performance.now()
    const guesses = Array.from({ length: 12 }, (_, i) => send('GET', '/v2/', '', basic(`anna:${i}`)))
    const codes = (await Promise.all(guesses.slice(8))).map(({ code }) => code)
    assert.deepEqual(codes, Array(4).fill('TOOMANYREQUESTS'), 'the queue is short')
    await Promise.all(guesses)
    assert.ok(performance.now() - started >= 2 * 255 - 10)
  }),
)

test('parseHtpasswd() keeps bcrypt lines only', () => {
  const hash = bcrypt.hashSync('x', 4)
  assert.deepEqual([...parseHtpasswd(`a:${hash}\r\n\n#b:${hash}\nc:{SHA}x\n`)], [['a', hash]])
})
