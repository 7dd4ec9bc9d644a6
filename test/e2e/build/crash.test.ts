import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { busyboxTar, Lab } from '../engine/lab.ts'
import { configure, docker, environment, skip } from './stock-client.ts'

const place = mkdtempSync('/var/tmp/berth-build-crash-')
const lab = new Lab()
const classic = { DOCKER_BUILDKIT: '0' }

function run(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input?: Buffer) {
  const env = { ...environment(lab, place), ...extra }
  const done = spawnSync(docker!, args, { env, input, timeout: 120_000, killSignal: 'SIGKILL', encoding: 'utf8' })
  return { code: done.status, text: `${done.stdout}${done.stderr}` }
}

function context(dockerfile: string): string {
  const dir = mkdtempSync(join(place, 'context-'))
  writeFileSync(join(dir, 'Dockerfile'), dockerfile)
  return dir
}

const isRunning = (command: string) => spawnSync('pgrep', ['-f', `^${command}`]).status === 0
const leftovers = () => readdirSync(join(lab.dir, 'data/build')).filter(name => /^(step|build|tree)-/.test(name))

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !isDone(); i++) await delay(100)
  assert.ok(isDone())
}

before(async () => {
  if (skip) return
  configure(place)
  await lab.start()
  assert.equal(run(['import', '-', 'base'], {}, busyboxTar()).code, 0)
})

after(async () => {
  if (!skip) await lab[Symbol.asyncDispose]()
  rmSync(place, { recursive: true, force: true })
})

for (const [name, extra] of [
  ['through BuildKit', {}],
  ['by the classic endpoint', classic],
] as const)
  test(`kill -9 in the middle of a step, ${name}: what was finished is used again`, { skip }, async () => {
    const pause = `sleep 5${process.pid}${name.length}`
    const dir = context(`FROM base\nRUN echo ${name} > /first\nRUN test -f /go || ${pause}\n`)
    const env = { ...environment(lab, place), ...extra }
    const child = spawn(docker!, ['build', dir], { env, stdio: 'ignore' })
    await until(() => isRunning(pause))
    await lab.kill()
    await new Promise(resolve => child.once('exit', resolve))
    await lab.start()
    await until(() => !isRunning(pause))
    assert.deepEqual(leftovers(), [])
    writeFileSync(join(dir, 'Dockerfile'), `FROM base\nRUN echo ${name} > /first\nRUN echo second\n`)
    const again = run(['build', ...(extra === classic ? [] : ['--progress=plain']), dir], extra)
    assert.equal(again.code, 0, again.text)
    assert.match(again.text, extra === classic ? /Using cache/ : /#\d+ \[2\/3\][^\n]*\n#\d+ CACHED/)
  })

test('Ctrl-C by the classic endpoint stops the steps of every stage, and leaves nothing', { skip }, async () => {
  const pauses = ['one', 'two'].map(name => `sleep 6${process.pid}${name.length}${name === 'one' ? 1 : 2}`)
  const dir = context(`FROM base\nRUN ${pauses[0]}\nFROM base\nRUN ${pauses[1]}\n`)
  const child = spawn(docker!, ['build', dir], { env: { ...environment(lab, place), ...classic }, stdio: 'ignore' })
  await until(() => pauses.every(isRunning))
  child.kill('SIGINT')
  await until(() => !pauses.some(isRunning))
  await until(() => leftovers().length === 0)
})

/** 100 is what users meet; it takes half a minute. */
const thousands = Number(process.env.BUILD_THOUSANDS ?? 20)

test(`a context of ${thousands},000 files streams`, { skip }, () => {
  const dir = context('FROM scratch\nCOPY . /files/\n')
  const make = `for i in $(seq ${thousands}); do mkdir d$i; (cd d$i; seq 1000 | xargs touch); done`
  execFileSync('sh', ['-c', make], { cwd: dir })
  const done = run(['build', '-q', dir])
  assert.equal(done.code, 0, done.text)
  assert.equal(run(['build', '-q', dir]).text, done.text)
})
