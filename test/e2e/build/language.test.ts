import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stockBuild } from './stock-build.ts'
import { skip } from './stock-client.ts'

const { good, context } = stockBuild('language')

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
