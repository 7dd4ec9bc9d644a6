import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from '../engine/lab.ts'

const root = '/var/tmp/peer-dockerd/root'
const docker = [process.env.DOCKER ?? '', '/usr/bin/docker', `${root}/usr/bin/docker`].find(
  path => path && existsSync(path),
)
const plugins = ['/usr/libexec/docker/cli-plugins', `${root}/usr/libexec/docker/cli-plugins`].filter(existsSync)
const isThere = plugins.some(dir => existsSync(join(dir, 'docker-buildx')))
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(existsSync)
const skip =
  process.getuid?.() !== 0
    ? 'needs root'
    : !docker || !isThere
      ? 'needs docker with buildx'
      : !busybox && 'needs busybox'

const lab = new Lab()
const place = mkdtempSync('/var/tmp/berth-buildx-')
const env = () => ({ ...process.env, DOCKER_HOST: `unix://${lab.socket}`, DOCKER_CONFIG: join(place, 'config') })

function run(args: readonly string[], input?: Buffer) {
  const done = spawnSync(docker!, args, { env: env(), input, timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' })
  return { code: done.status, text: `${done.stdout}${done.stderr}`, out: done.stdout }
}

function context(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(place, 'context-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return dir
}

before(async () => {
  if (skip) return
  mkdirSync(join(place, 'config'))
  writeFileSync(join(place, 'config/config.json'), JSON.stringify({ cliPluginsExtraDirs: plugins }))
  await lab.start()
  const tree = mkdtempSync(join(place, 'base-'))
  const script = `mkdir -p bin tmp && cp ${busybox} bin/busybox && for x in sh cat echo ls mkdir sleep; do ln -s busybox bin/$x; done; tar -c .`
  const tar = spawnSync('sh', ['-c', script], { cwd: tree, maxBuffer: 1 << 28 }).stdout
  assert.equal(run(['import', '-', 'base'], tar).code, 0)
})

after(async () => {
  if (!skip) await lab[Symbol.asyncDispose]()
  rmSync(place, { recursive: true, force: true })
})

test('docker build goes through BuildKit, and finds its steps again after a restart', { skip }, async () => {
  const dir = context({
    Dockerfile: 'FROM base AS a\nRUN echo 1 > /f\nFROM base\nCOPY --from=a /f /g\nCOPY x.txt /\n',
    'x.txt': 'x',
  })
  const first = run(['build', '--progress=plain', '-t', 'one', dir])
  assert.equal(first.code, 0, first.text)
  assert.match(first.text, /\[a 2\/2\] RUN echo 1 > \/f/)
  assert.match(first.text, /naming to docker.io\/library\/one/)
  process.kill(lab.pid, 'SIGKILL')
  await delay(300)
  await lab.start()
  const again = run(['build', '--progress=plain', '-t', 'two', dir])
  assert.equal(again.text.match(/CACHED/g)?.length, 4, again.text)
  assert.equal(run(['inspect', '-f', '{{.Id}}', 'one']).out, run(['inspect', '-f', '{{.Id}}', 'two']).out)
})

test('a failure shows the lines of the Dockerfile', { skip }, () => {
  const { code, text } = run(['build', '--progress=plain', context({ Dockerfile: 'FROM base\nRUN exit 3\n' })])
  assert.equal(code, 1)
  assert.match(text, /Dockerfile:2\n-+\n {3}1 \| {5}FROM base\n {3}2 \| >>> RUN exit 3/)
  assert.match(text, /process "\/bin\/sh -c exit 3" did not complete successfully: exit code: 3/)
})

test('secrets are seen by the command and left nowhere', { skip }, () => {
  const word = `top-${process.pid}-secret`
  const dir = context({
    Dockerfile: 'FROM base\nRUN --mount=type=secret,id=s cat /run/secrets/s > /dev/null\n',
    's.txt': word,
  })
  writeFileSync(join(dir, '.dockerignore'), 's.txt\n')
  const built = run(['build', '--progress=plain', '--secret', `id=s,src=${join(dir, 's.txt')}`, '-t', 'secret', dir])
  assert.equal(built.code, 0, built.text)
  const found = spawnSync('grep', ['-rl', word, join(lab.dir, 'data')], { encoding: 'utf8' }).stdout
  assert.equal(found, '')
})

test('results go to directories and archives', { skip }, () => {
  const dir = context({ Dockerfile: 'FROM scratch\nCOPY a b /d/\n', a: '1', b: '2' })
  const to = join(place, 'out')
  assert.equal(run(['build', '-o', to, dir]).code, 0)
  assert.equal(readFileSync(join(to, 'd/b'), 'utf8'), '2')
  const archive = join(place, 'image.tar')
  assert.equal(run(['build', '-t', 'packed:1', '-o', `type=docker,dest=${archive}`, dir]).code, 0)
  assert.match(run(['load', '-i', archive]).out, /Loaded image: packed:1/)
})

for (const signal of ['SIGINT', 'SIGKILL'] as const)
  test(`a client that goes away by ${signal} leaves nothing running and nothing behind`, { skip }, async () => {
    const dir = context({ Dockerfile: `FROM base\nRUN sleep 4${process.pid} # ${signal}\n` })
    const child = spawn(docker!, ['build', dir], { env: env(), stdio: 'ignore', detached: true })
    const isRunning = () => spawnSync('pgrep', ['-f', `^sleep 4${process.pid}`]).status === 0
    for (let i = 0; i < 100 && !isRunning(); i++) await delay(100)
    assert.ok(isRunning())
    process.kill(-child.pid!, signal)
    for (let i = 0; i < 100 && isRunning(); i++) await delay(100)
    assert.ok(!isRunning())
    await delay(500)
    assert.deepEqual(
      readdirSync(join(lab.dir, 'data/build')).filter(name => /^(step|build|tree)-/.test(name)),
      [],
    )
  })

test('builds are remembered, with what they printed', { skip }, async () => {
  const good = context({ Dockerfile: 'FROM base\nRUN echo remember-me\n' })
  const bad = context({ Dockerfile: 'FROM base\nRUN nothing-there\n' })
  run(['build', '--no-cache', good])
  assert.notEqual(run(['build', bad]).code, 0)
  const list = () => run(['buildx', 'history', 'ls', '--no-trunc', '--format', '{{json .}}']).out
  const [last, before] = list()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { ref: string; status: string })
  assert.deepEqual([last!.status, before!.status], ['Error', 'Completed'])
  await lab.kill()
  await lab.start()
  const ref = before!.ref.split('/').at(-1)!
  assert.match(run(['buildx', 'history', 'logs', ref]).text, /remember-me/)
  const provenance = run(['buildx', 'history', 'inspect', 'attachment', ref, '--type', 'provenance'])
  assert.equal(JSON.parse(provenance.out).buildType, 'https://mobyproject.org/buildkit@v1', provenance.text)
  assert.equal(run(['buildx', 'history', 'rm', ref]).code, 0)
  assert.ok(!list().includes(ref))
})

test('what commands keep in a cache is exported and imported', { skip }, () => {
  const file = 'FROM base\nARG N\nRUN --mount=type=cache,target=/kept ls /kept; echo more > /kept/$N\n'
  const dir = context({ Dockerfile: file })
  assert.equal(run(['build', '--build-arg', 'N=one', dir]).code, 0)
  const berth = (...args: readonly string[]) => {
    const program = join(import.meta.dirname, '../../../bin/berth')
    const done = spawnSync(program, ['builder', ...args], { env: env(), timeout: 60_000, encoding: 'utf8' })
    assert.equal(done.status, 0, done.stderr)
    return done.stdout
  }
  assert.match(berth('caches'), /^\/kept$/m)
  const archive = join(place, 'kept.tar')
  berth('export-cache', '-o', archive, '/kept')
  assert.equal(run(['buildx', 'prune', '-af']).code, 0)
  assert.doesNotMatch(berth('caches'), /kept/)
  berth('import-cache', '/kept', archive)
  const again = run(['build', '--progress=plain', '--build-arg', 'N=two', dir])
  assert.match(again.text, /^#\d+ [\d.]+ one$/m)
})

test('the cache is listed and pruned', { skip }, () => {
  assert.match(run(['buildx', 'du']).out, /Total:/)
  assert.equal(run(['buildx', 'prune', '-af']).code, 0)
  assert.match(run(['buildx', 'du']).out, /Total:\s+0B/)
})
