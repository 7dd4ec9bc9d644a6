import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEngineError } from '../../base/errors.ts'
import { parseDockerfile } from './parse.ts'

const only = (line: string) => parseDockerfile(`FROM scratch\n${line}\n`).stages[0]!.instructions[0]!

test('lines are joined, comments and blank lines between them dropped', () => {
  const { stages } = parseDockerfile('FROM a\nRUN x && \\\n# note\n\n  y \\  \n  && z\nCMD w')
  assert.deepEqual(
    stages[0]!.instructions.map(({ name, args, line }) => [name, args[0], line]),
    [
      ['RUN', 'x &&   y   && z', 2],
      ['CMD', 'w', 7],
    ],
  )
})

test('directives are read at the top only', () => {
  const file = parseDockerfile('# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN a `\n b\\\n# escape=\\')
  assert.deepEqual(file.directives, { syntax: 'docker/dockerfile:1', escape: '`' })
  assert.equal(file.stages[0]!.instructions[0]!.args[0], 'a  b\\')
  assert.deepEqual(parseDockerfile('# hello\n# escape=`\nFROM a').directives, {})
  assert.throws(() => parseDockerfile('# escape=x\nFROM a'), /invalid escape token 'x'/)
})

test('JSON is taken as a list only where it is one', () => {
  assert.deepEqual([only('CMD ["a", "b c"]').args, only('CMD ["a", "b c"]').isJson], [['a', 'b c'], true])
  assert.deepEqual([only("CMD ['a']").args, only("CMD ['a']").isJson], [["['a']"], false])
  assert.deepEqual(only('COPY ["a b", "/c"]').args, ['a b', '/c'])
})

test('flags and their values are taken off', () => {
  const { flags, args } = only('COPY --from=x --chown="a:b" --link a  b')
  assert.deepEqual(
    [...flags],
    [
      ['from', ['x']],
      ['chown', ['a:b']],
      ['link', ['true']],
    ],
  )
  assert.deepEqual(args, ['a', 'b'])
  assert.throws(() => only('CMD --version'), /unknown flag: --version/)
})

test('pairs keep their quotes', () => {
  assert.deepEqual(only('ENV a="b c" d=e\\ f').pairs, [
    ['a', '"b c"'],
    ['d', 'e\\ f'],
  ])
  assert.deepEqual(only('ENV a  b  c').pairs, [['a', 'b  c']])
  assert.deepEqual(only('ARG a b=c').pairs, [
    ['a', undefined],
    ['b', 'c'],
  ])
})

test('here-documents belong to their instruction', () => {
  const { stages } = parseDockerfile(`FROM a
COPY <<one <<-"two" /x/
 # $a

one
\t\tdeep
\ttwo
RUN cat <<EOF | sh
\\
EOF
CMD x`)
  const [copy, run, cmd] = stages[0]!.instructions
  assert.deepEqual(
    copy!.heredocs.map(({ name, body, expand }) => [name, body, expand]),
    [
      ['one', ' # $a\n\n', true],
      ['two', 'deep\n', false],
    ],
  )
  assert.equal(run!.heredocs[0]!.body, '\\\n')
  assert.equal(cmd!.line, 11)
})

test('stages have names', () => {
  const { stages, globalArgs } = parseDockerfile('ARG V=1\nFROM a:$V as Build\nFROM --platform=linux/amd64 Build')
  assert.equal(globalArgs.length, 1)
  assert.deepEqual(
    stages.map(({ name, from }) => [name, from.args[0]]),
    [
      ['build', 'a:$V'],
      [undefined, 'Build'],
    ],
  )
})

const line = (text: string) => `dockerfile parse error on line 2: ${text}`
const errors: readonly (readonly [string, string])[] = [
  ['', 'failed to parse D: file with no instructions'],
  ['# hi\n', 'failed to parse D: file with no instructions'],
  ['RUN x', 'no build stage in current context'],
  ['FROM a b', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  ['FROM', 'dockerfile parse error on line 1: FROM requires either one or three arguments'],
  ['FROM a\nFOO x', line('unknown instruction: FOO (did you mean FROM?)')],
  ['FROM a\nNOTHINGLIKEIT x', line('unknown instruction: NOTHINGLIKEIT')],
  [
    'FROM a\nCOPY x',
    line('COPY requires at least two arguments, but only one was provided. Destination could not be determined'),
  ],
  ['FROM a\nENV A', 'failed to parse D: ENV must have two arguments'],
  ['FROM a\nENV A=1 b', `failed to parse D: Syntax error - can't find = in "b". Must be of the form: name=value`],
  ['FROM a\nENV =1', line('ENV names can not be blank')],
  ['FROM a\nARG =1', line('ARG names can not be blank')],
  ['FROM a\nLABEL', line('LABEL requires at least one argument')],
  ['FROM a\nWORKDIR', line('WORKDIR requires exactly one argument')],
  ['FROM a\nEXPOSE', line('EXPOSE requires at least one argument')],
  ['FROM a\nSHELL foo', line('SHELL requires the arguments to be in JSON form')],
  ['FROM a\nRUN --foo=1 x', line('unknown flag: --foo')],
  ['FROM a\nONBUILD FROM x', line("FROM isn't allowed as an ONBUILD trigger")],
  ['FROM a\nCMD [1]', 'failed to parse D: when using JSON array syntax, arrays must be comprised of strings only'],
  ['FROM a\nRUN <<E\nx', 'failed to parse D: unterminated heredoc'],
]

test('errors have the words and lines of Docker', () => {
  for (const [text, message] of errors) assert.throws(() => parseDockerfile(text, 'D'), { message }, text)
})

test('no text makes the parser hang or throw anything but its own error', () => {
  const pieces = [
    'FROM a\n',
    'RUN ',
    'COPY ',
    'ENV ',
    '<<E ',
    '"',
    "'",
    '\\\n',
    '\\',
    '[',
    ']',
    '--x=',
    '$',
    '{',
    '\n',
    '#',
    '=',
    ' ',
    '\t',
    'é',
    '\0',
  ]
  let seed = 1
  const next = () => (seed = (seed * 1103515245 + 12345) % 2147483648)
  for (let round = 0; round < 2000; round++) {
    const text = `FROM a\n${Array.from({ length: next() % 40 }, () => pieces[next() % pieces.length]).join('')}`
    try {
      parseDockerfile(text)
    } catch (error) {
      assert.ok(isEngineError(error, 'invalid'), `${JSON.stringify(text)}: ${error}`)
    }
  }
})
