import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChanges } from './apply-changes.ts'
import { parsePlatform, platformScore, selectManifest } from './platform.ts'
import { formatBar } from './progress.ts'

const cases: readonly (readonly [string, object])[] = [
  ['CMD ["a", "b"]', { Cmd: ['a', 'b'] }],
  ['cmd echo hi', { Cmd: ['/bin/sh', '-c', 'echo hi'] }],
  ['ENV A b c', { Env: ['A=b c'] }],
  ['ENV A="b c" D=e', { Env: ['A=b c', 'D=e'] }],
  ['EXPOSE 80 53/udp', { ExposedPorts: { '80/tcp': {}, '53/udp': {} } }],
  ['VOLUME ["/a", "/b"]', { Volumes: { '/a': {}, '/b': {} } }],
  [
    'HEALTHCHECK --interval=5s --retries=2 CMD true',
    { Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5e9, Retries: 2 } },
  ],
  ['WORKDIR /x\nWORKDIR y', { WorkingDir: '/x/y' }],
]
for (const [line, expected] of cases) test(`change ${line}`, () => assert.deepEqual(applyChanges({}, [line]), expected))

test('instructions that change no configuration are refused', () => {
  assert.throws(() => applyChanges({}, ['RUN x']), /RUN is not a valid change command/)
})

test('the best platform of an index is chosen', () => {
  const host = { os: 'linux', architecture: 'amd64' }
  const of = (architecture: string, variant?: string) => ({
    mediaType: 'm',
    digest: `${architecture}${variant ?? ''}`,
    size: 1,
    platform: { os: 'linux', architecture, ...(variant ? { variant } : {}) },
  })
  const all = [of('arm', 'v5'), of('arm', 'v7'), of('arm64', 'v8'), of('386'), of('amd64'), of('unknown')]
  const choose = (text: string) => selectManifest(all, parsePlatform(text, host))?.digest
  assert.deepEqual(['linux/amd64', 'arm64', 'linux/arm/v6', 'linux/arm', 'linux/s390x'].map(choose), [
    'amd64',
    'arm64v8',
    'armv5',
    'armv7',
    undefined,
  ])
  assert.equal(platformScore(host, { os: 'windows', architecture: 'amd64' }), 0)
})

test('the bar is that of dockerd', () => {
  assert.equal(formatBar(512, 1024), `[=========================>                         ]     512B/1.024kB`)
  assert.equal(formatBar(5, 0), '      5B')
})
