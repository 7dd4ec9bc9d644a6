import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openRemoteDriver } from './remote-driver.ts'
import { stockBuild } from './stock-build.ts'
import { skip } from './stock-client.ts'

const { lab, place, good, goodSoon, context } = stockBuild('language')

const layersOf = (name: string) =>
  JSON.parse(good(['inspect', '-f', '{{json .RootFS.Layers}}', name])) as readonly string[]

test('a linked copy has the same layer on any base, and is not made twice', { skip }, () => {
  const file = `FROM base
ARG N
RUN mkdir -m 700 /d && echo $N > /d/n
COPY --link --chown=7:8 f /d/sub/
COPY --link --from=base /data /d/
RUN stat -c '%a %u:%g %n' /d /d/sub /d/sub/f && cat /d/n /d/file > /all
`
  const dir = context({ Dockerfile: file, f: 'f' })
  const build = (n: string) => good(['build', '--progress=plain', '--build-arg', `N=${n}`, '-t', `linked:${n}`, dir])
  const first = build('1')
  assert.match(first, /755 0:0 \/d\n.* 755 7:8 \/d\/sub\n.* 644 7:8 \/d\/sub\/f/)
  const second = build('2')
  for (const step of ['3/5', '4/5']) {
    const [, number] = new RegExp(`^#(\\d+) \\[${step}\\]`, 'm').exec(second)!
    assert.match(second, new RegExp(`^#${number} CACHED`, 'm'), second)
  }
  const [one, two] = [layersOf('linked:1'), layersOf('linked:2')]
  assert.notEqual(one[1], two[1])
  assert.deepEqual(one.slice(2, 4), two.slice(2, 4))
  assert.equal(good(['run', '--rm', 'linked:2', 'cat', '/all']), '2\nkept\n')
})

const twoTargets = {
  'base.Dockerfile': 'FROM base\nARG N\nRUN echo $N > /who\nENV WHO=below\n',
  'files.Dockerfile': 'FROM scratch\nCOPY f /\n',
  Dockerfile: 'FROM x\nRUN cat /who > /copy\nCOPY --from=y /f /\nRUN echo $WHO >> /copy\n',
  f: 'from files',
}

test('targets of a bake file stand on other targets', { skip }, () => {
  const bake = `
group "default" { targets = ["app"] }
target "below" {
  dockerfile = "base.Dockerfile"
  args = { N = "bake" }
}
target "files" { dockerfile = "files.Dockerfile" }
target "app" {
  contexts = { x = "target:below", y = "target:files" }
  tags = ["baked"]
}`
  const dir = context({ ...twoTargets, 'docker-bake.hcl': bake })
  const build = () => good(['buildx', 'bake', '--progress=plain', '-f', `${dir}/docker-bake.hcl`], { cwd: dir })
  build()
  assert.equal(good(['run', '--rm', 'baked', 'cat', '/copy', '/f']), 'bake\nbelow\nfrom files')
  assert.match(build(), /\[app stage-0 3\/4\] RUN echo below >> \/copy\n#\d+ CACHED/)
})

test('a service of compose is built on another one', { skip }, () => {
  const compose = `
services:
  below:
    build: { context: ., dockerfile: base.Dockerfile, args: { N: compose } }
  app:
    image: composed
    build: { context: ., additional_contexts: { x: "service:below", y: . } }
`
  const dir = context({ ...twoTargets, 'compose.yaml': compose })
  good(['compose', 'build'], { cwd: dir })
  assert.equal(good(['run', '--rm', 'composed', 'cat', '/copy', '/f']), 'compose\nbelow\nfrom files')
})

test("a client without Docker's sessions builds, with a session inside a call", { skip }, async () => {
  const dir = context({
    Dockerfile: 'FROM base\nCOPY f /\nRUN --mount=type=secret,id=s cat /f /run/secrets/s > /g\n',
    f: 'f',
  })
  const socket = join(place, 'grpc.sock')
  const server = await openRemoteDriver(socket, lab.socket)
  try {
    await goodSoon(['buildx', 'create', '--name', 'remote', '--driver', 'remote', `unix://${socket}`])
    const secret = ['--secret', 'id=s,env=WORD']
    const out = join(place, 'remote')
    const env = { WORD: 'secret' }
    await goodSoon(['buildx', '--builder', 'remote', 'build', ...secret, '-o', out, dir], { env })
    assert.equal(readFileSync(join(out, 'g'), 'utf8'), 'fsecret')
  } finally {
    server.close()
  }
})

test('a step sees the same machine each time, and may write where containers have mounts', { skip }, () => {
  const script = 'hostname; env | grep -c HOSTNAME; ls -a / /etc | grep -cE "dockerenv|mtab"; echo mine > /etc/hostname'
  const dir = context({ Dockerfile: `FROM base\nRUN (${script}) > /seen; true\nRUN cat /etc/hostname >> /seen\n` })
  good(['build', '-t', 'sandbox', dir])
  assert.equal(good(['run', '--rm', 'sandbox', 'cat', '/seen']), 'buildkitsandbox\n0\n0\nmine\n')
  const name = ['--build-arg', 'BUILDKIT_SANDBOX_HOSTNAME=named']
  assert.match(
    good(['build', '--progress=plain', ...name, context({ Dockerfile: 'FROM base\nRUN hostname\n' })]),
    / named\n/,
  )
})

test('caches of one namespace are no business of another', { skip }, () => {
  const dir = context({
    Dockerfile: 'FROM base\nARG N\nRUN --mount=type=cache,target=/c echo $N: $(ls /c); touch /c/$N\n',
  })
  const build = (n: string, ...more: readonly string[]) =>
    good(['build', '--progress=plain', '--build-arg', `N=${n}`, ...more.flatMap(each => ['--build-arg', each]), dir])
  build('one')
  assert.match(build('two', 'BUILDKIT_CACHE_MOUNT_NS=other'), / two:\n/)
  assert.match(build('three', 'BUILDKIT_CACHE_MOUNT_NS=other'), / three: two\n/)
  assert.match(build('four'), / four: one\n/)
})

test('root has the home and the groups that the image says', { skip }, () => {
  const file =
    'FROM base\nRUN echo staff:x:20:root,app >> /etc/group && echo root:x:0:0:root:/r:/bin/sh > /etc/passwd\nRUN id -G > /seen && echo $HOME >> /seen\n'
  good(['build', '-t', 'roots', context({ Dockerfile: file })])
  assert.equal(good(['run', '--rm', 'roots', 'sh', '-c', 'cat /seen; id -G; echo $HOME']), '0 20\n/r\n0 20\n/r\n')
  good(['build', '-t', 'rootless', context({ Dockerfile: 'FROM scratch\nCOPY --from=base /bin/busybox /sh\n' })])
  assert.equal(good(['run', '--rm', 'rootless', '/sh', '-c', 'echo $HOME']), '/\n')
})
