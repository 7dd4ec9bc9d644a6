import { type Graph, type Op, vertex } from './client.ts'

const image = vertex({ source: { identifier: 'docker-image://docker.io/library/busybox:latest' } })

type Action = NonNullable<NonNullable<NonNullable<Op['file']>['actions']>[number]>
type Part<K extends keyof Action> = NonNullable<Action[K]>

/** Actions one after the other, on `below`. */
const files = (below: Graph | undefined, actions: readonly Partial<Action>[], others: readonly Graph[] = []) => {
  const inputs = [...(below ? [below] : []), ...others]
  return vertex(
    {
      file: {
        actions: actions.map((action, i) => ({
          secondaryInput: -1,
          ...action,
          input: i === 0 ? (below ? 0 : -1) : inputs.length + i - 1,
          output: i === actions.length - 1 ? 0 : -1,
        })),
      },
    },
    inputs,
  )
}

const file = (path: string, text: string, more: Partial<Part<'makeFile'>> = {}): Partial<Action> => ({
  makeFile: { path, mode: 0o644, data: Buffer.from(text), timestamp: -1, ...more },
})
const directory = (path: string, more: Partial<Part<'makeDirectory'>> = {}): Partial<Action> => ({
  makeDirectory: { path, mode: 0o755, makeParents: true, timestamp: -1, ...more },
})
const copy = (
  secondaryInput: number,
  src: string,
  dest: string,
  more: Partial<Part<'copy'>> = {},
): Partial<Action> => ({
  secondaryInput,
  copy: { src, dest, mode: -1, timestamp: -1, ...more },
})
const remove = (path: string, more: Partial<Part<'remove'>> = {}): Partial<Action> => ({ remove: { path, ...more } })

type Exec = NonNullable<Op['exec']>
const run = (
  below: Graph,
  script: string,
  more: Partial<Exec> & { readonly inputs?: readonly Graph[]; readonly user?: string } = {},
) => {
  const { inputs = [], mounts = [], user = '', ...exec } = more
  const meta = { args: ['/bin/sh', '-c', script], cwd: '/', env: ['PATH=/bin', 'A=b'], user, ...exec.meta }
  return vertex({ exec: { ...exec, meta, mounts: [{ dest: '/', input: 0, output: 0 }, ...mounts] } }, [
    below,
    ...inputs,
  ])
}
const byId = (uid: number, gid: number) => ({ user: { byId: uid }, group: { byId: gid } })

const some = files(undefined, [
  directory('/d/e', { mode: 0o711 }),
  file('/d/a.txt', 'a'),
  file('/d/b.md', 'b', { mode: 0o600, owner: byId(3, 4) }),
  file('/d/e/c.txt', 'c', { mode: 0o4755 }),
  file('/top', 'top'),
])

export interface Case {
  readonly name: string
  readonly graph: Graph
  /** whose files are looked at */
  readonly path?: string
}

const list: Case[] = []
const add = (name: string, graph: Graph, path?: string) => void list.push({ name, graph, ...(path ? { path } : {}) })

add('files and directories', some)
add(
  'one on top of the other',
  files(some, [file('/d/a.txt', 'changed'), directory('/x/y', { mode: 0o700, owner: byId(1, 2) })]),
)
add('a directory without its parents', files(undefined, [directory('/x/y', { makeParents: false })]))
add(
  'a directory that is there',
  files(some, [directory('/d', { mode: 0o700, makeParents: false }), directory('/d/e', { mode: 0o700 })]),
)
add('a file in no directory', files(undefined, [file('/x/y', 'z')]))
add('removed', files(some, [remove('/d/e'), remove('/top')]))
add('removed what is not there', files(some, [remove('/nope')]))
add('removed what need not be there', files(some, [remove('/nope', { allowNotFound: true })]))
add('removed by a pattern', files(some, [remove('/d/*.txt', { allowWildcard: true })]))
add('a copied file', files(undefined, [copy(0, '/d/a.txt', '/x')], [some]))
add(
  'a copied file with another name, deep',
  files(undefined, [copy(0, '/d/a.txt', '/x/y/z', { createDestPath: true })], [some]),
)
add('a copied file into no directory', files(undefined, [copy(0, '/d/a.txt', '/x/y/z')], [some]))
add('a copied file into a directory', files(some, [copy(1, '/d/a.txt', '/d/e/')], [some]))
add('a copied directory', files(undefined, [copy(0, '/d', '/n')], [some]))
add('a copied directory into one', files(some, [copy(1, '/d', '/d')], [some]))
add(
  'the contents of a directory',
  files(some, [copy(1, '/d', '/n', { dirCopyContents: true, createDestPath: true })], [some]),
)
add('copied with owner and mode', files(undefined, [copy(0, '/d', '/n', { owner: byId(5, 6), mode: 0o640 })], [some]))
add(
  'copied by a pattern',
  files(undefined, [directory('/n'), copy(0, '/d/*.txt', '/n/', { allowWildcard: true })], [some]),
)
add(
  'copied by a pattern without match',
  files(undefined, [copy(0, '/d/*.zip', '/n/', { allowWildcard: true })], [some]),
)
add(
  'copied by an empty pattern',
  files(
    undefined,
    [file('/x', ''), copy(0, '/d/*.zip', '/n/', { allowWildcard: true, allowEmptyWildcard: true })],
    [some],
  ),
)
add(
  'copied but what is excluded',
  files(
    undefined,
    [copy(0, '/', '/n', { exclude: ['d/e', '**/*.md'], dirCopyContents: true, createDestPath: true })],
    [some],
  ),
)
add('copied what is not there', files(undefined, [copy(0, '/nope', '/n')], [some]))
add('a file over a directory', files(some, [copy(1, '/top', '/d/e', {})], [files(undefined, [file('/top', 'top')])]))
add(
  'owners by name',
  files(
    image,
    [file('/n/x', 'x', { owner: { user: { byName: { name: 'app', input: 0 } } } })].map((each, i) =>
      i === 0 ? each : each,
    ),
  ),
  '/n',
)
add(
  'owners by name, made',
  files(image, [directory('/n'), file('/n/x', 'x', { owner: { user: { byName: { name: 'app', input: 0 } } } })]),
  '/n',
)
add('a command', run(image, 'mkdir /n; echo $A > /n/x; ln -s x /n/l; id -u >> /n/x'), '/n')
add('a command as somebody', run(image, 'mkdir /tmp/n && id > /tmp/n/x', { user: 'app' }), '/tmp/n')
add('a command that fails', run(image, 'exit 7'))
add('a command that may fail so', run(image, 'mkdir /n; exit 7', { meta: { validExitCodes: [0, 7] } }), '/n')
add(
  'a command with files of another',
  run(image, 'mkdir /n; cp -r /m /n/', {
    inputs: [some],
    mounts: [{ dest: '/m', input: 1, output: -1, readonly: true }],
  }),
  '/n',
)
add(
  'a command with one directory of another',
  run(image, 'mkdir /n; ls /m > /n/x', {
    inputs: [some],
    mounts: [{ dest: '/m', input: 1, output: -1, selector: '/d', readonly: true }],
  }),
  '/n',
)
add(
  'a command that writes where it is lost',
  run(image, 'mkdir /n; touch /m/x; ls /m > /n/x', { inputs: [some], mounts: [{ dest: '/m', input: 1, output: -1 }] }),
  '/n',
)
add(
  'a command with memory',
  run(image, 'mkdir /n; echo x > /t/x; cp /t/x /n', {
    mounts: [{ dest: '/t', input: -1, output: -1, type: 4, tmpfs: { size: 1 << 20 } }],
  }),
  '/n',
)
add(
  'a command with secrets',
  run(image, 'mkdir /n; cat /run/word > /n/x; echo $WORD >> /n/x; stat -c "%a %u" /run/word >> /n/x', {
    mounts: [{ dest: '/run/word', input: -1, output: -1, type: 1, secret: { ID: 'word', mode: 0o444, uid: 3 } }],
    secretEnv: [{ ID: 'word', name: 'WORD' }],
  }),
  '/n',
)
add('a command without network', run(image, 'mkdir /n; ls /sys/class/net > /n/x', { network: 2 }), '/n')
add('a command with privileges', run(image, 'true', { security: 1 }))
add(
  'a command that writes to another file system',
  vertex(
    {
      exec: {
        meta: { args: ['/bin/sh', '-c', 'echo new > /out/n; rm /out/top; ls /out > /n'], cwd: '/', env: ['PATH=/bin'] },
        mounts: [
          { dest: '/', input: 0, output: 0 },
          { dest: '/out', input: 1, output: 1 },
        ],
      },
    },
    [image, some],
    1,
  ),
)
add(
  'a command that fills an empty file system',
  vertex(
    {
      exec: {
        meta: {
          args: ['/bin/sh', '-c', 'mkdir /out/d; cat /in/d/a.txt > /out/d/x; ls /none >> /out/d/x'],
          cwd: '/',
          env: ['PATH=/bin'],
        },
        mounts: [
          { dest: '/', input: 0, output: 0 },
          { dest: '/out', input: -1, output: 1 },
          { dest: '/in', input: 1, output: -1, readonly: true },
          { dest: '/none', input: -1, output: -1, readonly: true },
        ],
      },
    },
    [image, some],
    1,
  ),
)
add(
  'copied what is included',
  files(
    undefined,
    [copy(0, '/', '/n', { include: ['d/e', '*p'], dirCopyContents: true, createDestPath: true })],
    [some],
  ),
)
add(
  'copied what is included, and not excluded',
  files(
    undefined,
    [
      copy(0, '/d', '/n', {
        include: ['*.txt', '**/*.txt'],
        exclude: ['e/c.txt'],
        dirCopyContents: true,
        createDestPath: true,
      }),
    ],
    [some],
  ),
)
add(
  'copied what nothing names',
  files(undefined, [copy(0, '/', '/n', { include: ['zzz'], dirCopyContents: true, createDestPath: true })], [some]),
)
const links = run(
  image,
  'mkdir /l; echo in > /l/hostname; ln -s /etc/hostname /l/out; ln -s hostname /l/near; ln -s ../../../../etc /l/up; ln -s /l /to-l; rm -f /etc/hostname',
)
add(
  'a copied link',
  files(
    undefined,
    [directory('/n'), copy(0, '/l/out', '/n/'), copy(0, '/l/near', '/n/'), copy(0, '/l/up', '/n/')],
    [links],
  ),
)
add('a copied link that is followed', files(undefined, [copy(0, '/l/near', '/n', { followSymlink: true })], [links]))
add(
  'a copied link to elsewhere that is followed',
  files(undefined, [copy(0, '/l/out', '/n', { followSymlink: true })], [links]),
)
add('a copied path through a link', files(undefined, [copy(0, '/to-l/hostname', '/n')], [links]))
add(
  'a directory with links',
  files(undefined, [copy(0, '/l', '/n', { dirCopyContents: true, createDestPath: true })], [links]),
)
add(
  'a file through a link',
  files(links, [file('/to-l/new', 'x'), directory('/to-l/d'), remove('/to-l/near'), file('/l/out', 'y')]),
  '/l',
)
add('a copy to a link', files(links, [copy(1, '/top', '/l/out'), copy(1, '/top', '/to-l/')], [some]), '/l')
add(
  'merged',
  vertex(
    { merge: { inputs: [{ input: 0 }, { input: 1 }] } },
    [some, files(undefined, [file('/d', 'over')])].map((each, i) =>
      i === 1 ? files(undefined, [directory('/d'), file('/d/a.txt', 'over')]) : each,
    ),
  ),
)
add(
  'merged with what is removed',
  vertex({ merge: { inputs: [{ input: 0 }, { input: 1 }] } }, [
    some,
    vertex({ diff: { lower: { input: 0 }, upper: { input: 1 } } }, [
      some,
      files(some, [remove('/d/e'), file('/new', 'n')]),
    ]),
  ]),
)
add(
  'the difference',
  vertex({ diff: { lower: { input: 0 }, upper: { input: 1 } } }, [
    some,
    files(some, [file('/d/new', 'n'), file('/top', 'other')]),
  ]),
)
add('the difference to nothing', vertex({ diff: { lower: { input: -1 }, upper: { input: 0 } } }, [some]))
add('an image that is not there', vertex({ source: { identifier: 'docker-image://localhost:1/nope:latest' } }))
add('a source that there is not', vertex({ source: { identifier: 'zzz://x' } }))

export const cases: readonly Case[] = list
