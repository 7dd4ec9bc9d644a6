import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBind } from './parse-bind.ts'
import { parseMounts } from './parse-mounts.ts'

const message = (body: () => unknown): string => {
  try {
    body()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

/** Answers of dockerd 28.5. */
const refused: Readonly<Record<string, string>> = {
  'a:b': `invalid volume specification: 'a:b': invalid mount config for type "volume": invalid mount path: 'b' mount path must be absolute`,
  ':b': "invalid volume specification: ':b'",
  'a:b:c:d': "invalid volume specification: 'a:b:c:d'",
  '/a:/b:zz': 'invalid mode: zz',
  '/a:/b:ro,rw': 'invalid mode: ro,rw',
  '/a:/b:ro,z,Z': 'invalid mode: ro,z,Z',
  '/a:/': `invalid volume specification: '/a:/': invalid mount config for type "bind": invalid specification: destination can't be '/'`,
  '/a:b': `invalid volume specification: '/a:b': invalid mount config for type "bind": invalid mount path: 'b' mount path must be absolute`,
  'n:/b:shared': `invalid volume specification: 'n:/b:shared': invalid mount config for type "volume": field BindOptions must not be specified`,
  '/a:/b:nocopy': `invalid volume specification: '/a:/b:nocopy': invalid mount config for type "bind": field VolumeOptions must not be specified`,
  '': "invalid volume specification: ''",
  b: `invalid volume specification: 'b': invalid mount config for type "volume": invalid mount path: 'b' mount path must be absolute`,
}

for (const [text, expected] of Object.entries(refused))
  test(`-v '${text}' is refused in Docker's words`, () =>
    assert.equal(
      message(() => parseBind(text)),
      expected,
    ))

test('a bind, a named volume and an anonymous one', () => {
  assert.deepEqual(parseBind('/a/../x/:/b/:ro,rslave'), {
    Type: 'bind',
    Source: '/x',
    Destination: '/b',
    Mode: 'ro,rslave',
    RW: false,
    Propagation: 'rslave',
    createSource: true,
  })
  assert.equal(parseBind('data:/b:nocopy').noCopy, true)
  assert.equal(parseBind('/b').anonymous, true)
})

test('mounts win over binds, binds over volumes-from, and the rest of the image gets anonymous volumes', () => {
  const mounts = parseMounts({
    hostConfig: { VolumesFrom: ['other:ro'], Binds: ['mine:/shared'], Tmpfs: { '/cache': '' } },
    volumes: ['/shared', '/cache', '/var/lib/x/'],
    mountsOf: () => [parseBind('theirs:/shared'), parseBind('theirs2:/only')],
  })
  assert.deepEqual(
    mounts.map(({ Destination, Name, RW, anonymous = false }) => [Destination, Name, RW, anonymous]),
    [
      ['/shared', 'mine', true, false],
      ['/only', 'theirs2', false, false],
      ['/var/lib/x', '', true, true],
    ],
  )
  const twice = { Binds: ['a1:/x'], Mounts: [{ Type: 'volume', Source: 'b1', Target: '/x/' }] } as const
  assert.equal(
    message(() => parseMounts({ hostConfig: twice, volumes: [], mountsOf: () => [] })),
    'Duplicate mount point: /x/',
  )
})
