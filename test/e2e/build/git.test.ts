import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { stockBuild } from './stock-build.ts'
import { skip as noClient } from './stock-client.ts'

const skip =
  noClient || (existsSync('/usr/bin/git') && existsSync('/usr/bin/ssh-agent') ? false : 'needs git and ssh-agent')
const { lab, place, run, good, context } = stockBuild('git', beforeEngine)

const token = `token-${process.pid}`
const basic = `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`
const open = 'http://127.0.0.1:8431'
const closed = 'http://127.0.0.1:8432'
const servers: ChildProcess[] = []
let agent: NodeJS.ProcessEnv = {}

/** An `ssh` that runs what it is told here, if the agent it was lent has our key; kept before the engine starts. */
function beforeEngine(dir: string): void {
  if (skip) return
  mkdirSync(join(dir, 'bin'))
  const script = `#!/bin/sh\nssh-add -l 2>&1 | grep -q key-of-the-test || { echo no key >&2; exit 9; }\nfor last; do :; done\ncd ${dir}/repos && exec sh -c "$last"\n`
  writeFileSync(join(dir, 'bin/ssh'), script, { mode: 0o755 })
  process.env.PATH = `${join(dir, 'bin')}:${process.env.PATH}`
}

function git(cwd: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'protocol.file.allow=always']
  return execFileSync('git', [...who, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

function makeRepositories(): void {
  const [inner, outer, bare] = ['inner', 'outer', 'repos'].map(name => join(place, name)) as [string, string, string]
  for (const dir of [inner, outer, bare]) mkdirSync(dir)
  writeFileSync(join(inner, 'module'), 'module')
  git(inner, 'init', '-q')
  git(inner, 'add', '.')
  git(inner, 'commit', '-qm', '1')
  git(outer, 'init', '-q')
  mkdirSync(join(outer, 'd'))
  writeFileSync(join(outer, 'Dockerfile'), 'FROM base\nCOPY . /all\n')
  writeFileSync(join(outer, 'd/Dockerfile'), 'FROM scratch\nCOPY f /\n')
  writeFileSync(join(outer, 'd/f'), 'first')
  execFileSync('ln', ['-s', '/etc', join(outer, 'out')])
  git(outer, 'add', '.')
  git(outer, 'commit', '-qm', '1')
  git(outer, 'tag', 'v1')
  writeFileSync(join(outer, 'd/f'), 'second')
  git(outer, 'submodule', 'add', '-q', inner, 'm')
  git(outer, 'config', '-f', '.gitmodules', 'submodule.m.url', '../inner.git')
  git(outer, 'commit', '-qam', '2')
  const bake = join(place, 'bake')
  mkdirSync(bake)
  writeFileSync(join(bake, 'docker-bake.hcl'), 'target "default" { tags = ["from-repository"] }\n')
  writeFileSync(join(bake, 'Dockerfile'), 'FROM base\nCOPY f /\n')
  writeFileSync(join(bake, 'f'), 'baked')
  git(bake, 'init', '-q')
  git(bake, 'add', '.')
  git(bake, 'commit', '-qm', '1')
  git(place, 'clone', '-q', '--bare', bake, join(bare, 'bake.git'))
  git(place, 'clone', '-q', '--bare', inner, join(bare, 'inner.git'))
  git(place, 'clone', '-q', '--bare', outer, join(bare, 'outer.git'))
}

before(async () => {
  if (skip) return
  makeRepositories()
  const server = (...args: readonly string[]) => {
    const program = [process.execPath, '--no-warnings', join(import.meta.dirname, 'git-server.ts')]
    const net = `--net=/run/netns/${lab.netns}`
    servers.push(spawn('nsenter', [net, '--', ...program, join(place, 'repos'), ...args], { stdio: 'ignore' }))
  }
  server('8431')
  server('8432', basic)
  const text = execFileSync('ssh-agent', ['-s'], { encoding: 'utf8' })
  agent = Object.fromEntries([...text.matchAll(/(SSH_\w+)=([^;]+);/g)].map(([, name, value]) => [name, value]))
  const env = { ...process.env, ...agent }
  execFileSync('ssh-keygen', ['-qt', 'ed25519', '-N', '', '-C', 'key-of-the-test', '-f', join(place, 'key')])
  execFileSync('ssh-add', ['-q', join(place, 'key')], { env })
  await delay(500)
})

after(() => {
  for (const server of servers) server.kill('SIGKILL')
  if (agent.SSH_AGENT_PID) process.kill(Number(agent.SSH_AGENT_PID))
})

test('a repository is a context, with its modules, at any of its commits', { skip }, () => {
  good(['build', '-t', 'all', `${open}/outer.git`])
  const files = good(['run', '--rm', 'all', 'sh', '-c', 'cd /all && find . -type f | sort'])
  assert.deepEqual(files.trim().split('\n'), [
    './.gitmodules',
    './Dockerfile',
    './d/Dockerfile',
    './d/f',
    './m/.git',
    './m/module',
  ])
  good(['build', '-t', 'with-git', '--build-arg', 'BUILDKIT_CONTEXT_KEEP_GIT_DIR=1', `${open}/outer.git`])
  assert.match(good(['run', '--rm', 'with-git', 'cat', '/all/.git/config']), /outer\.git/)
  const to = join(place, 'v1')
  for (const at of [
    'outer.git#v1:d',
    'outer.git?tag=v1&subdir=d',
    `outer.git#${git(join(place, 'outer'), 'rev-parse', 'v1')}:d`,
  ]) {
    good(['build', '-o', to, `${open}/${at}`])
    assert.equal(readFileSync(join(to, 'f'), 'utf8'), 'first')
  }
})

test('bake reads its definitions from a repository', { skip }, () => {
  good(['buildx', 'bake', `${open}/bake.git`])
  assert.equal(good(['run', '--rm', 'from-repository', 'cat', '/f']), 'baked')
})

test('what an address gets wrong is said in the words of BuildKit', { skip }, () => {
  const refused = (at: string) => run(['build', `${open}/${at}`]).text
  assert.match(refused('outer.git#:out'), /invalid subdir \/out: git subpath "\/out" contains non-directory "out"/)
  assert.match(refused('outer.git#nope'), /repository does not contain ref nope, output: ""/)
  assert.match(refused('outer.git?what=1'), /unexpected query "what"/)
  assert.match(refused('none.git'), /error fetching default branch for repository .*none.git: git stderr:\nfatal: repo/)
})

test('secrets open repositories, and stay secret', { skip }, () => {
  const file = `FROM base\nADD --keep-git-dir ${closed}/inner.git /in\nRUN cat /in/.git/config; ls /in\n`
  const dir = context({ Dockerfile: file })
  assert.match(run(['build', dir]).text, /could not read Username for 'http:\/\/127.0.0.1:8432'/)
  const env = { T: token, H: basic, WRONG: 'wrong' }
  const said = good(['build', '--progress=plain', '--secret', 'id=GIT_AUTH_TOKEN,env=T', '-t', 'private', dir], { env })
  assert.match(said, /module/)
  const ways = [
    ['--secret', 'id=GIT_AUTH_HEADER,env=H'],
    ['--secret', 'id=GIT_AUTH_TOKEN,env=WRONG', '--secret', 'id=GIT_AUTH_TOKEN.127.0.0.1:8432,env=T'],
  ]
  for (const way of ways)
    good(['build', ...way, '-o', join(place, 'closed'), `${closed}/outer.git?tag=v1&subdir=d`], { env })
  good(['build', ...ways[0]!, '--build-context', `x=${closed}/inner.git`, '-'], {
    env,
    input: Buffer.from('FROM scratch\nCOPY --from=x /module /\n'),
  })
  good(['build', `${open.replace('//', `//me:${token}@`)}/outer.git#v1:d`])
  const found = spawnSync('grep', ['-rlE', `${token}|${basic.slice(6)}`, join(lab.dir, 'data')], { encoding: 'utf8' })
  assert.equal(`${found.stdout}${said.includes(token)}${said.includes(basic.slice(6))}`, 'falsefalse')
})

test("the client's agent opens repositories over ssh", { skip }, () => {
  const dir = context({ Dockerfile: 'FROM base\nADD git@127.0.0.1:inner.git /in\n' })
  assert.match(run(['build', dir]).text, /no SSH key "default" forwarded from the client/)
  good(['build', '--ssh', 'default', dir], { env: agent })
  good(['build', '-o', join(place, 'by-ssh'), 'git@127.0.0.1:outer.git#v1:d'], { env: agent })
  assert.equal(readFileSync(join(place, 'by-ssh/f'), 'utf8'), 'first')
})
