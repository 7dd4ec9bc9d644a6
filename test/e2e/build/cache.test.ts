import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { busyboxTar, Lab } from '../engine/lab.ts'
import { configure, docker, environment, openRegistry, skip } from './stock-client.ts'

const registry = '127.0.0.1:5055'
const place = mkdtempSync('/var/tmp/berth-cache-')
const lab = new Lab()
let server: Disposable | undefined

function run(args: readonly string[], input?: Buffer) {
  const env = environment(lab, place)
  const done = spawnSync(docker!, args, { env, input, timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' })
  assert.equal(done.status, 0, done.stderr)
  return `${done.stdout}${done.stderr}`
}

const build = (...args: readonly string[]) => run(['build', '--progress=plain', ...args, join(place, 'context')])
const forget = () => run(['buildx', 'prune', '-af'])
const fresh = (text: string) => [...text.matchAll(/^#(\d+) \[\d\/\d\] (RUN|COPY)/gm)].map(([, step]) => step)

/** Every step that changes files came from the cache. */
function assertCached(text: string): void {
  const steps = fresh(text)
  assert.equal(steps.length, 3, text)
  for (const step of steps) assert.match(text, new RegExp(`^#${step} CACHED`, 'm'), text)
}

before(async () => {
  if (skip) return
  configure(place)
  mkdirSync(join(place, 'context'))
  writeFileSync(join(place, 'context/Dockerfile'), 'FROM base\nCOPY f /f\nRUN cat /f > /g\nCOPY --link f /h\n')
  writeFileSync(join(place, 'context/f'), `${process.pid}`)
  await lab.start()
  server = await openRegistry(lab, place, registry)
  run(['import', '-', 'base'], busyboxTar())
})

after(async () => {
  server?.[Symbol.dispose]()
  if (!skip) await lab[Symbol.asyncDispose]()
  rmSync(place, { recursive: true, force: true })
})

test('an image that carries its cache gives its steps to a builder that has forgotten them', { skip }, () => {
  build('-t', `${registry}/inline`, '--push', '--cache-to', 'type=inline')
  run(['rmi', `${registry}/inline`])
  forget()
  assertCached(build('--cache-from', `${registry}/inline`))
})

test('a cache in a registry gives its steps, and is no image here', { skip }, () => {
  build('-t', 'x', '--cache-to', `type=registry,ref=${registry}/cache:1`)
  run(['rmi', 'x'])
  forget()
  assertCached(build('--cache-from', `type=registry,ref=${registry}/cache:1`))
  assert.doesNotMatch(run(['images']), /cache/)
})

test('a directory of the client keeps the cache', { skip }, () => {
  const dir = join(place, 'kept')
  build('-t', 'y', '--cache-to', `type=local,dest=${dir}`)
  assert.ok(existsSync(join(dir, 'index.json')))
  run(['rmi', 'y'])
  forget()
  assertCached(build('--cache-from', `type=local,src=${dir}`))
})

test('with mode=max the steps of stages are kept that the result does not hold', { skip }, () => {
  const file = 'FROM base AS one\nRUN echo slow > /one\nFROM base\nCOPY --from=one /one /two\nRUN cat /two\n'
  writeFileSync(join(place, 'context/Stages'), file)
  const stages = ['-f', join(place, 'context/Stages')]
  for (const [mode, isKept] of [
    ['min', false],
    ['max', true],
  ] as const) {
    forget()
    build(...stages, '--cache-to', `type=registry,ref=${registry}/stages:${mode},mode=${mode}`)
    forget()
    const text = build(...stages, '--cache-from', `type=registry,ref=${registry}/stages:${mode}`)
    const step = /^#(\d+) \[one 2\/2\]/m.exec(text)![1]
    assert.equal(new RegExp(`^#${step} CACHED`, 'm').test(text), isKept, text)
  }
})

test('a damaged cache costs a step and nothing else', { skip }, () => {
  const dir = join(place, 'kept')
  forget()
  for (const name of readdirSync(join(dir, 'blobs/sha256'))) {
    const path = join(dir, 'blobs/sha256', name)
    if (readFileSync(path)[0] === 0x1f) writeFileSync(path, readFileSync(path).fill(7, 40))
  }
  assert.match(build('-t', 'z', '--cache-from', `type=local,src=${dir}`), /naming to/)
})

test('a cache that cannot be had costs nothing', { skip }, () => {
  assert.match(build('--cache-from', `${registry}/missing`), /importing cache manifest from/)
})
