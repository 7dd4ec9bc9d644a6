import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EngineError } from '../../base/errors.ts'
import { expand } from './expand.ts'
import { lint } from './lint.ts'
import { parseMount } from './mount-flag.ts'
import { parseText } from './parse.ts'

const rounds = Number(process.env.FUZZ_ROUNDS ?? 3000)
const pieces = [
  ...['FROM', 'RUN', 'COPY', 'ADD', 'ENV', 'ARG', 'LABEL', 'CMD', 'HEALTHCHECK', 'ONBUILD', 'SHELL', 'EXPOSE', 'AS'],
  ...['--from=', '--mount=type=', '--chown', '--', '<<EOF', '<<-"X"', 'EOF', '[', ']', '"', "'", '\\', '`', '$', '${'],
  ...[
    '}',
    ':-',
    ':?',
    '##',
    '%%',
    '//',
    '#',
    '# escape=`',
    '# syntax=x',
    '=',
    ',',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\0',
    '\ufeff',
  ],
  ...['a', 'é', '😀', '/', '..', '*', '?', '[a-', '\\\n', '1e999', '{"a":1}', '["a"]'],
]

/** The same numbers each time: what fails can be run again. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const isOurs = (error: unknown): boolean => error instanceof EngineError

test('whatever the text is, it is understood or refused, and soon', () => {
  const pick = random(42)
  const start = performance.now()
  for (let round = 0; round < rounds; round++) {
    const count = 1 + pick(25)
    const text = Array.from({ length: count }, () => pieces[pick(pieces.length)]! + (pick(3) ? ' ' : '')).join('')
    for (const body of [text, `FROM a\n${text}`]) {
      try {
        lint(parseText(body))
      } catch (error) {
        assert.ok(isOurs(error), `${JSON.stringify(body)}: ${error instanceof Error ? error.stack : error}`)
      }
    }
    for (const use of [() => expand(text, { get: () => 'v', escape: '\\' }), () => parseMount(text, '/')]) {
      try {
        use()
      } catch (error) {
        assert.ok(isOurs(error), `${JSON.stringify(text)}: ${error instanceof Error ? error.stack : error}`)
      }
    }
  }
  assert.ok(performance.now() - start < 20_000, 'took too long')
})

test('long lines and deep nesting do not hang', () => {
  const start = performance.now()
  for (const text of [
    `FROM a\nENV A=${'${B:-'.repeat(5000)}`,
    `FROM a\nRUN ${'a '.repeat(200_000)}`,
    `FROM a\nRUN ${'\\\n'.repeat(50_000)}x`,
    `FROM a\nLABEL ${'"'.repeat(99_999)}`,
    `FROM a\nRUN <<EOF\n${'x\n'.repeat(100_000)}EOF`,
    `FROM a\nCOPY ${'<<A '.repeat(20_000)} /x`,
  ]) {
    try {
      lint(parseText(text))
    } catch (error) {
      assert.ok(isOurs(error), String(error))
    }
  }
  try {
    expand('${A:-'.repeat(5000), { get: () => undefined, escape: '\\' })
  } catch (error) {
    assert.ok(isOurs(error), String(error))
  }
  assert.ok(performance.now() - start < 10_000, `took ${performance.now() - start} ms`)
})
