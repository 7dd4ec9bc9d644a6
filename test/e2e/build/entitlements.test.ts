import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { stockBuild } from './stock-build.ts'
import { skip } from './stock-client.ts'

const { run, good, context } = stockBuild('entitlements', configure, place => [
  '--config-file',
  join(place, 'daemon.json'),
  '--cdi-spec-dir',
  join(place, 'cdi'),
])

/** One device of CDI, and an engine that grants everything but the host's network. */
function configure(place: string): void {
  mkdirSync(join(place, 'cdi'))
  const edits = { env: ['THING=there'], deviceNodes: [{ path: '/dev/thing', hostPath: '/dev/zero' }] }
  const spec = { cdiVersion: '0.6.0', kind: 'example.com/class', devices: [{ name: 'thing', containerEdits: edits }] }
  writeFileSync(join(place, 'cdi/example.json'), JSON.stringify(spec))
  const Entitlements = { 'security-insecure': true, device: true, 'network-host': false }
  writeFileSync(join(place, 'daemon.json'), JSON.stringify({ builder: { Entitlements } }))
}

const file = (...flags: readonly string[]) =>
  context({
    Dockerfile: `FROM base\nRUN ${flags.join(' ')} grep CapEff /proc/self/status; head -c 2 /dev/thing | wc -c; echo $THING\n`,
  })
const build = (dir: string, ...allow: readonly string[]) =>
  ['build', '--progress=plain', '--no-cache', ...allow.flatMap(each => ['--allow', each]), dir] as const

test('a step has what the client allows, if the engine grants it', { skip }, () => {
  const insecure = file('--security=insecure')
  assert.match(run(build(insecure)).text, /failed to load LLB: security.insecure is not allowed/)
  assert.match(good(build(insecure, 'security.insecure')), /CapEff:\s+[0-9a-f]*[1-9a-f][0-9a-f]{8}/)
  assert.match(good(build(file(), 'security.insecure')), /CapEff:\s+00000000[0-9a-f]{8}/)
  const host = file('--network=host')
  assert.match(run(build(host)).text, /failed to load LLB: network.host is not allowed/)
  const refused = /granting entitlement network.host is not allowed by build daemon configuration/
  assert.match(run(build(host, 'network.host')).text, refused)
})

test('devices of CDI are given to steps by name', { skip }, () => {
  const thing = file('--device=example.com/class=thing')
  assert.match(run(build(thing)).text, /device example.com\/class=thing is not allowed/)
  for (const allowed of ['device', 'device=example.com/class=thing'])
    assert.match(good(build(thing, allowed)), / 2\n.* there\n/)
  good(build(file('--device=example.com/class=other,required=false'), 'device'))
  assert.match(run(build(file('--device=example.com/class=other'), 'device')).text, /unresolvable CDI devices/)
  assert.match(run(build(file('--device=x'), 'device')).text, /unqualified device "x"/)
})

test('another frontend is refused by name, the official one may come from elsewhere', { skip }, () => {
  const dir = context({ Dockerfile: '# syntax=example.com/other:1\nthis is: no Dockerfile\n' })
  assert.match(run(['build', dir]).text, /frontend "example.com\/other:1" is not supported: only docker\/dockerfile is/)
  good(['build', context({ Dockerfile: '# syntax=mirror.local:5000/docker/dockerfile:1.17-labs\nFROM base\n' })])
  const syntax = ['--build-arg', 'BUILDKIT_SYNTAX=other/frontend']
  assert.match(
    run(['build', ...syntax, context({ Dockerfile: 'FROM base\n' })]).text,
    /frontend "other\/frontend" is not/,
  )
})
