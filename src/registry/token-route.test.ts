import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import bcrypt from 'bcryptjs'
import { type Lab, openLab, sha256 } from '../../test/suites/registry-lab.ts'
import { UserAccess } from './access.ts'
import { Passwords } from './passwords.ts'
import { addRobot, Robots, removeRobot } from './robots.ts'
import { toDecision } from './rules.ts'
import { parseScopes, Tokens } from './tokens.ts'

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

interface Realm {
  readonly lab: Lab
  readonly htpasswd: string
  readonly robots: string
  token(query: string, headers?: Record<string, string>): Promise<string>
}

const rules = [
  { users: ['*'], repositories: 'team/**', actions: ['pull', 'push'] },
  { users: ['root'], repositories: '**', actions: ['pull', 'push', 'delete'] },
  { users: ['anonymous'], repositories: 'public/*', actions: ['pull'] },
] as const

async function withRealm(body: (realm: Realm) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'realm-'))
  const [htpasswd, robots] = [join(dir, 'htpasswd'), join(dir, 'robots.json')]
  writeFileSync(htpasswd, ['anna', 'root'].map(user => `${user}:${bcrypt.hashSync('secret', 4)}\n`).join(''))
  const passwords = new Passwords({ path: htpasswd, robots: new Robots(robots), delayMillis: 2 })
  const tokens = new Tokens(Buffer.alloc(32, 1), undefined, () => lab.clock)
  const lab: Lab = openLab({ access: new UserAccess({ passwords, tokens, decide: toDecision(rules, false) }) })
  const token: Realm['token'] = async (query, headers) => {
    const answer = await lab.send('GET', `/token?service=berth-registry&${query}`, '', headers)
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`)
    return JSON.parse(answer.text).token
  }
  try {
    await body({ lab, htpasswd, robots, token })
  } finally {
    rmSync(dir, { recursive: true })
  }
}

test('a challenge leads to a token, which opens what the rules allow and no more', () =>
  withRealm(async ({ lab, token }) => {
    const { send } = lab
    const refused = await send('POST', '/v2/team/app/blobs/uploads/')
    assert.equal(
      refused.headers['Www-Authenticate'],
      'Bearer realm="http://r/token",service="berth-registry",scope="repository:team/app:pull,push"',
    )
    const own = await token('scope=repository:team/app:pull,push,delete', basic('anna', 'secret'))
    assert.equal((await send('GET', '/v2/', '', bearer(own))).status, 200)
    assert.equal((await send('POST', '/v2/team/app/blobs/uploads/', '', bearer(own))).status, 202)
    const other = await send('POST', '/v2/team/other/blobs/uploads/', '', bearer(own))
    assert.deepEqual(
      [other.status, /error="insufficient_scope"/.test(String(other.headers['Www-Authenticate']))],
      [401, true],
    )
    assert.equal((await send('DELETE', `/v2/team/app/manifests/${sha256('x')}`, '', bearer(own))).status, 401)
    assert.equal((await send('POST', '/v2/secret/blobs/uploads/', '', basic('anna', 'secret'))).code, 'DENIED')
    assert.equal((await send('GET', '/v2/secret/tags/list', '', basic('anna', 'secret'))).code, 'DENIED')
    lab.clock += 301_000
    assert.equal((await send('GET', '/v2/', '', bearer(own))).status, 401)
    await assert.rejects(token('scope=repository:team/app:pull', basic('anna', 'wrong')), /401/)
  }))

test('nobody gets a token for what everybody may pull only', () =>
  withRealm(async ({ lab, token }) => {
    await lab.context.repositories.link('public/app', await lab.context.content.putBytes(Buffer.from('x')))
    const mine = await token('scope=repository:public/app:pull,push')
    assert.equal((await lab.send('GET', `/v2/public/app/blobs/${sha256('x')}`, '', bearer(mine))).text, 'x')
    assert.equal((await lab.send('POST', '/v2/public/app/blobs/uploads/', '', bearer(mine))).status, 401)
    await assert.rejects(token('scope=repository:team/app:pull'), /401/)
  }))

test('a refresh token ends with the password', () =>
  withRealm(async ({ lab, htpasswd }) => {
    const post = (form: Record<string, string>) =>
      lab.send('POST', '/token', new URLSearchParams(form).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
      })
    const login = { grant_type: 'password', username: 'anna', password: 'secret', access_type: 'offline' }
    const { refresh_token } = JSON.parse((await post(login)).text)
    const refresh = { grant_type: 'refresh_token', refresh_token, scope: 'repository:team/a:pull' }
    assert.equal((await post(refresh)).status, 200)
    assert.equal((await lab.send('GET', '/v2/', '', bearer(refresh_token))).status, 401, 'it is no access token')
    writeFileSync(htpasswd, `anna:${bcrypt.hashSync('changed', 4)}\n`)
    assert.equal((await post(refresh)).status, 401)
  }))

test('a robot does what it was made for, until its time is over', () =>
  withRealm(async ({ lab, robots }) => {
    const grants = [{ repositories: 'ci/*', actions: ['pull', 'push'] }] as const
    const secret = addRobot(robots, { name: 'robot$ci', expires: new Date(Date.now() + 60_000).toISOString(), grants })
    const headers = basic('robot$ci', secret)
    assert.equal((await lab.send('POST', '/v2/ci/app/blobs/uploads/', '', headers)).status, 202)
    assert.equal((await lab.send('POST', '/v2/team/app/blobs/uploads/', '', headers)).code, 'DENIED')
    addRobot(robots, { name: 'old', expires: '2020-01-01T00:00:00Z', grants })
    removeRobot(robots, 'robot$ci')
    assert.equal((await lab.send('GET', '/v2/', '', headers)).status, 401)
    assert.throws(() => addRobot(robots, { name: 'a b', expires: '2020-01-01', grants }), /invalid name/)
  }))

test('the catalogue and the pages show what may be pulled; a mount needs the right to read', () =>
  withRealm(async ({ lab }) => {
    const { content, repositories } = lab.context
    for (const name of ['secret/a', 'team/a', 'public/a'])
      repositories.link(name, await content.putBytes(Buffer.from(name)), 8)
    const names = async (headers?: Record<string, string>) =>
      JSON.parse((await lab.send('GET', '/v2/_catalog', '', headers)).text).repositories
    assert.deepEqual(await names(basic('anna', 'secret')), ['public/a', 'team/a'])
    assert.deepEqual(await names(basic('root', 'secret')), ['public/a', 'secret/a', 'team/a'])
    assert.deepEqual(await names(), ['public/a'])
    assert.match((await lab.send('GET', '/ui/')).text, /public\/a/)
    assert.doesNotMatch((await lab.send('GET', '/ui/')).text, /secret/)
    assert.equal((await lab.send('GET', '/ui/secret/a')).status, 404)
    for (const from of ['&from=secret/a', '']) {
      const url = `/v2/team/b/blobs/uploads/?mount=${sha256('secret/a')}${from}`
      assert.equal((await lab.send('POST', url, '', basic('anna', 'secret'))).status, 202)
    }
  }))

test('parseScopes() takes several scopes and keeps known actions', () => {
  assert.deepEqual(parseScopes(['repository:a/b:pull,fly repository:c:*', 'registry:catalog:*', 'x']), [
    { type: 'repository', name: 'a/b', actions: ['pull'] },
    { type: 'repository', name: 'c', actions: ['pull', 'push', 'delete'] },
  ])
})
