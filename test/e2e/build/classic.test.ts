// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what Dockerfiles are written with

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type BuildHarness, openBuilder, tarOf } from './harness.ts'
import { FilesClient } from './table/files-client.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

test('a build prints what Docker prints, and finds its steps again', { skip }, async () => {
  await using builder = await openBuilder()
  const files = { Dockerfile: 'FROM base\nCOPY a.txt /x/\nRUN echo hi; echo ho > /made\nCMD ["x"]\n', 'a.txt': 'hello' }
  const first = await builder.build(files)
  assert.equal(
    first.text,
    `Step 1/4 : FROM base
 ---> ID
Step 2/4 : COPY a.txt /x/
 ---> ID
Step 3/4 : RUN echo hi; echo ho > /made
 ---> Running in ID
hi
 ---> Removed intermediate container ID
 ---> ID
Step 4/4 : CMD ["x"]
 ---> Running in ID
 ---> Removed intermediate container ID
 ---> ID
Successfully built ID
Successfully tagged x:1
`,
  )
  assert.equal(builder.read('x:1', '/x/a.txt'), 'hello')
  assert.equal(builder.read('x:1', '/made'), 'ho\n')
  const id = builder.here.images.resolve('x:1').id
  assert.deepEqual(first.messages.find(({ aux }) => aux)?.aux, { ID: id })
  const again = await builder.build(files)
  assert.equal(again.text.match(/Using cache/g)?.length, 3)
  assert.equal(builder.here.images.resolve('x:1').id, id)
  const changed = await builder.build({ ...files, 'a.txt': 'other' })
  assert.equal(changed.text.match(/Using cache/g), null)
  assert.equal((await builder.build(files, { noCache: true })).text.match(/Using cache/g), null)
  const quiet = await builder.build(files, { quiet: true })
  assert.match(quiet.messages[0]!.stream!, /^sha256:[0-9a-f]{64}\n$/)
})

test('steps are found in the images that --cache-from names', { skip }, async () => {
  await using builder = await openBuilder()
  const files = { Dockerfile: 'FROM base\nCOPY a.txt /x/\nRUN echo ho > /made\nCMD ["x"]\n', 'a.txt': 'hello' }
  await builder.build(files)
  const { id } = builder.here.images.resolve('x:1')
  await builder.forget()
  const again = await builder.build(files, { cacheFrom: ['x:1', 'missing'], tags: ['y:1'] })
  assert.equal(again.text.match(/Using cache/g)?.length, 3)
  assert.equal(builder.here.images.resolve('y:1').id, id)
  await builder.forget()
  const shorter = { ...files, Dockerfile: files.Dockerfile.replace('["x"]', '["y"]') }
  const part = await builder.build(shorter, { cacheFrom: ['x:1'], tags: ['z:1'] })
  assert.equal(part.text.match(/Using cache/g)?.length, 2)
  assert.equal(builder.read('z:1', '/made'), 'ho\n')
  await builder.forget()
  const changed = await builder.build({ ...files, 'a.txt': 'other' }, { cacheFrom: ['x:1'], tags: ['o:1'] })
  assert.equal(changed.text.match(/Using cache/g), null)
})

test('metadata instructions give the configuration and history of Docker', { skip }, async () => {
  await using builder = await openBuilder()
  const Dockerfile = `FROM scratch
ARG FOO=bar
ENV A=$FOO
LABEL z="1 2" y=3
WORKDIR /w
CMD echo hi
ENTRYPOINT ["/a"]
EXPOSE 80 90/udp
VOLUME /v
USER 1
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s CMD true
`
  const built = await builder.build({ Dockerfile }, { labels: { q: "r's" } })
  assert.equal(built.error, undefined)
  const { config, history } = builder.image('x:1')
  assert.deepEqual(config, {
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'A=bar'],
    Labels: { z: '1 2', y: '3', q: "r's" },
    WorkingDir: '/w',
    Cmd: ['/bin/sh', '-c', 'echo hi'],
    Entrypoint: ['/a'],
    ExposedPorts: { '80/tcp': {}, '90/udp': {} },
    Volumes: { '/v': {} },
    User: '1',
    StopSignal: 'SIGTERM',
    Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5e9 },
  })
  assert.deepEqual(
    history?.map(entry => entry.created_by?.replace('/bin/sh -c #(nop) ', '')),
    [
      ' ARG FOO=bar',
      ' ENV A=bar',
      ' LABEL z=1 2 y=3',
      'WORKDIR /w',
      ' CMD ["/bin/sh" "-c" "echo hi"]',
      ' ENTRYPOINT ["/a"]',
      ' EXPOSE 80 90/udp',
      ' VOLUME [/v]',
      ' USER 1',
      ' STOPSIGNAL SIGTERM',
      ' HEALTHCHECK &{[CMD-SHELL true] 5s 0s 0s 0s 0}',
      " LABEL q=r's",
    ],
  )
  assert.equal(builder.tree('x:1'), '755 0:0 ./w\n')
})

test('COPY and ADD put things where Docker puts them', { skip }, async () => {
  await using builder = await openBuilder()
  const inner = tarOf({ 'in/side': 'packed' })
  const files = {
    'a.txt': 'a',
    'b.txt': 'b',
    'd/sub/c': 'c',
    'arch.tgz': '',
    Dockerfile: `FROM base AS one
WORKDIR /work
COPY --chown=app:7 a.txt sub/
COPY d new
COPY *.txt ./all/
COPY a.txt /link/through
COPY --chmod=600 a.txt /sec
ADD arch.tgz /un/
COPY <<E /docs/
x $BASE
E
COPY <<"F" /docs/
y $BASE
F
FROM scratch
COPY --from=one /work /docs /w/
COPY --from=0 /target/through /un/in/side /t/
COPY --from=base /etc/passwd /
`,
  }
  const packed = gzipSync(inner).toString('base64')
  const script = `d=$(mktemp -d) && cd $d && tar -x && echo '${packed}' | base64 -d > arch.tgz && tar -c . && rm -rf $d`
  const context = execFileSync('sh', ['-c', script], { input: tarOf(files), maxBuffer: 1 << 28 })
  const built = await builder.buildTar(gzipSync(context))
  assert.equal(built.error, undefined)
  assert.equal(
    builder.tree('x:1'),
    `644 0:0 ./passwd
755 0:0 ./t
644 0:0 ./t/side
644 0:0 ./t/through
755 0:0 ./w
644 0:0 ./w/E
644 0:0 ./w/F
755 0:0 ./w/all
644 0:0 ./w/all/a.txt
644 0:0 ./w/all/b.txt
755 0:0 ./w/new
755 0:0 ./w/new/sub
644 0:0 ./w/new/sub/c
755 100:7 ./w/sub
644 100:7 ./w/sub/a.txt
`,
  )
  assert.equal(builder.read('x:1', '/w/E'), 'x 1\n')
  assert.equal(builder.read('x:1', '/w/F'), 'y $BASE\n')
  assert.equal(builder.read('x:1', '/t/side'), 'packed')
})

test('arguments, shells, triggers, targets and volumes follow the rules', { skip }, async () => {
  await using builder = await openBuilder()
  const base = await builder.build(
    { Dockerfile: 'FROM base\nONBUILD RUN echo triggered\nONBUILD ARG LATE=1\n' },
    { tags: ['trigger'] },
  )
  assert.equal(base.error, undefined)
  const Dockerfile = `ARG IMAGE=nope
ARG G=global
FROM $IMAGE AS first
ARG G
ARG X=1
RUN echo $G $X $HTTP_PROXY
SHELL ["/bin/sh", "-ec"]
VOLUME /vol
RUN mkdir -p /vol; echo lost > /vol/x; echo kept > /kept
FROM nowhere
`
  const options = { buildArgs: { IMAGE: 'trigger', X: '2', UNUSED: '1', HTTP_PROXY: 'p' }, target: 'FIRST' }
  const built = await builder.build({ Dockerfile }, options)
  assert.equal(built.error, undefined)
  assert.match(built.text, /# Executing 2 build triggers\n/)
  assert.match(built.text, /\ntriggered\n/)
  assert.match(built.text, /\nglobal 2 p\n/)
  assert.match(built.text, /\[Warning\] One or more build-args \[UNUSED\] were not consumed\n/)
  const created = builder.image('x:1').history!.map(entry => entry.created_by)
  assert.ok(created.includes('|3 G=global LATE=1 X=2 /bin/sh -c echo $G $X $HTTP_PROXY'), created.join('\n'))
  assert.equal(builder.image('x:1').config.OnBuild, null)
  assert.doesNotMatch(builder.tree('x:1'), /vol\/x/)
  assert.match(builder.tree('x:1'), /kept/)
})

test('failures have the words of Docker', { skip }, async () => {
  await using builder = await openBuilder()
  const cases: readonly [string, string][] = [
    ['FROM base\nRUN exit 3', "The command '/bin/sh -c exit 3' returned a non-zero code: 3"],
    ['FROM scratch\nCOPY ../x /', 'COPY failed: forbidden path outside the build context: ../x ()'],
    ['FROM scratch\nCOPY n* /', 'COPY failed: no source files were specified'],
    [
      'FROM scratch\nCOPY nope /',
      'COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist',
    ],
    [
      'FROM scratch\nCOPY a.txt Dockerfile /x',
      'When using COPY with more than one source file, the destination must be a directory and end with a /',
    ],
    ['FROM scratch', 'No image was generated. Is your Dockerfile empty?'],
    ['FROM scratch\nLABEL a=${B:?no}', 'failed to process "${B:?no}": B: no'],
    ['FROM scratch\nEXPOSE foo', 'Invalid containerPort: foo'],
    ['FROM scratch\nSTOPSIGNAL FOO', 'invalid signal: FOO'],
    [
      'FROM base\nCOPY a.txt /etc/passwd/',
      'failed to copy files: failed to create new directory: mkdir /etc/passwd: not a directory',
    ],
  ]
  for (const [Dockerfile, message] of cases)
    assert.equal((await builder.build({ Dockerfile, 'a.txt': '' })).error, message, Dockerfile)
  await assert.rejects(builder.build({ x: '' }), { message: 'Cannot locate specified Dockerfile: Dockerfile' })
  await assert.rejects(builder.build({ Dockerfile: '' }), { message: 'the Dockerfile (Dockerfile) cannot be empty' })
  assert.equal(builder.here.disk().unfinished, 0)
})

test('links in a context lead nowhere outside', { skip }, async () => {
  await using builder = await openBuilder()
  const script = `d=$(mktemp -d) && cd $d && ln -s /etc/hostname out && ln -s / root && mkfifo pipe && printf 'FROM base\nCOPY out /got\n' > Dockerfile && tar -c . && rm -rf $d`
  const tar = execFileSync('sh', ['-c', script])
  assert.match((await builder.buildTar(tar)).error!, /^COPY failed: file not found in build context/)
  const cannot = (name: string) => ({ message: `Cannot locate specified Dockerfile: ${name}` })
  await assert.rejects(builder.buildTar(tar, { dockerfile: 'pipe' }), cannot('pipe'))
  await assert.rejects(builder.buildTar(tar, { dockerfile: '../../etc/hostname' }), cannot('../../etc/hostname'))
})

test('stages are made at once, and speak as if they were made one after the other', { skip }, async () => {
  await using builder = await openBuilder()
  const stage = (name: string) =>
    `FROM base AS ${name}\nRUN echo in ${name}; /bin/busybox sleep 1; echo ${name} >&2; echo > /${name}\n`
  const Dockerfile = `${stage('one')}${stage('two')}FROM base\nCOPY --from=one /one /\nCOPY --from=two /two /\n`
  const built = await builder.build({ Dockerfile })
  assert.equal(built.error, undefined)
  assert.equal(builder.most(), 2)
  const said = (name: string) => ` ---> Running in ID\nin ${name}\n\u001b[91m${name}\n\u001b[0m ---> Removed`
  const [one, two] = [built.text.indexOf(said('one')), built.text.indexOf(said('two'))]
  assert.ok(one > 0 && two > one, built.text)
})

test('what comes before a mistake is built and said', { skip }, async () => {
  await using builder = await openBuilder()
  const Dockerfile = 'FROM base\nRUN echo here\nEXPOSE foo\nFROM base\nRUN exit 4\n'
  const built = await builder.build({ Dockerfile })
  assert.equal(built.error, 'Invalid containerPort: foo')
  assert.match(built.text, /here\n.*\n ---> ID\nStep 3\/5 : EXPOSE foo\n$/)
})

test('both protocols use the same layers, and one command forgets them', { skip }, async () => {
  await using builder = await openBuilder()
  const files = { Dockerfile: 'FROM base\nRUN echo 1 > /a\nRUN echo 2 > /b\n' }
  await builder.build(files)
  const cached = await viaBuildKit(builder, files)
  assert.equal(cached, 2)
  const used = await builder.solver.usage()
  assert.equal(used.filter(({ shared, type }) => shared && type === 'regular').length, 2)
  await builder.here.images.remove('x:1', { force: true, noPrune: false })
  assert.ok((await builder.solver.usage()).every(({ shared }) => !shared))
  await builder.forget()
  assert.deepEqual(await builder.solver.usage(), [])
})

async function viaBuildKit({ solver }: BuildHarness, files: Readonly<Record<string, string>>): Promise<number> {
  const client = new FilesClient(files)
  const request = { frontend: 'dockerfile.v0', options: {}, cacheImports: [], entitlements: [] }
  let cached = 0
  using _solved = await solver.solve(request, client, ({ vertexes = [] }) => {
    cached += vertexes.filter(vertex => vertex.cached && vertex.name.includes('RUN')).length
  })
  return cached
}

test('--squash leaves one layer on the base that shows what all of them show', { skip }, async () => {
  await using builder = await openBuilder()
  const Dockerfile = `FROM base
RUN mkdir -p /d/e && echo 1 > /d/e/f && echo 2 > /gone && echo 3 > /d/kept && chmod 700 /d
RUN rm /gone && rm -r /d/e && mkdir /d/e && echo 4 > /d/e/g
RUN rm /etc/passwd && rm -r /tmp && mkdir -m 755 /tmp && echo 5 > /tmp/x
CMD ["x"]
`
  await builder.build({ Dockerfile }, { tags: ['whole:1'] })
  const built = await builder.build({ Dockerfile }, { squash: true })
  assert.equal(built.error, undefined)
  assert.equal(builder.tree('x:1'), builder.tree('whole:1'))
  const [base, whole] = [builder.here.images.resolve('base:latest'), builder.here.images.resolve('whole:1')]
  const { id, config } = builder.here.images.resolve('x:1')
  assert.equal(config.rootfs.diff_ids.length, 2)
  assert.equal(config.rootfs.diff_ids[0], base.config.rootfs.diff_ids[0])
  assert.equal(config.history?.at(-1)?.comment, `merge ${whole.id} to ${base.id}`)
  assert.ok(config.history?.slice(1, -1).every(entry => entry.empty_layer))
  assert.deepEqual(built.messages.findLast(({ aux }) => aux)?.aux, { ID: id })
  const plain = await builder.build(
    { Dockerfile: 'FROM scratch\nCOPY Dockerfile /a\nCOPY Dockerfile /b\n' },
    { squash: true },
  )
  assert.equal(plain.error, undefined)
  assert.equal(builder.image('x:1').rootfs.diff_ids.length, 1)
  assert.match(builder.image('x:1').history?.at(-1)?.comment ?? '', /^create new from sha256:/)
})

test('a context whose steps are all found is not even unpacked', { skip }, async () => {
  await using builder = await openBuilder()
  const files = { Dockerfile: 'FROM base\nCOPY *.txt d /x/\nCOPY . /all/\n', 'a.txt': '1', 'b.txt': '2', 'd/e': '3' }
  assert.equal((await builder.build(files)).error, undefined)
  assert.equal(builder.unpacked(), 1)
  assert.equal((await builder.build(files)).text.match(/Using cache/g)?.length, 2)
  assert.equal(builder.unpacked(), 1)
  await builder.build({ ...files, 'b.txt': '3' })
  assert.equal(builder.unpacked(), 2)
})

test('copies of the same file do not share what they change', { skip }, async () => {
  await using builder = await openBuilder()
  await builder.build(
    { Dockerfile: 'FROM base\nRUN echo > /new\n' },
    { tags: ['later'], buildArgs: { SOURCE_DATE_EPOCH: '1000000000' } },
  )
  const Dockerfile = `FROM base AS one
COPY d /one/
COPY --chmod=700 d /two/
COPY --chown=1:2 d /three/
COPY d /four/
FROM later
COPY d /five/
COPY --from=one /one /one/
COPY --from=one /two /two/
COPY --from=one /three /three/
COPY --from=one /four /four/
`
  const built = await builder.build({ Dockerfile, 'd/f': 'same' })
  assert.equal(built.error, undefined)
  assert.equal(
    builder
      .tree('x:1')
      .split('\n')
      .filter(line => /\/f$/.test(line))
      .join('\n'),
    ['644 0:0 ./five/f', '644 0:0 ./four/f', '644 0:0 ./one/f', '644 1:2 ./three/f', '700 0:0 ./two/f'].join('\n'),
  )
  const again = await builder.build({ Dockerfile, 'd/f': 'same' }, { noCache: true, tags: ['again:1'] })
  assert.equal(again.error, undefined)
  assert.equal(builder.here.images.resolve('again:1').id, builder.here.images.resolve('x:1').id)
})
