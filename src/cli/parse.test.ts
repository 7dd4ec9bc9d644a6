import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFlags } from './parse.ts'

const table = {
  all: { type: 'bool', short: 'a', help: '' },
  name: { type: 'string', short: 'n', help: '' },
  publish: { type: 'list', short: 'p', help: '' },
  memory: { type: 'bytes', short: 'm', help: '' },
} as const

test('short options join, values stick, arguments may come between', () => {
  const { args, flags } = parseFlags(table, ['-ap80:80', 'x', '--name=y', '-m', '64m', '--', '-z'])
  assert.deepEqual(args, ['x', '-z'])
  assert.deepEqual(flags, { all: true, name: 'y', publish: ['80:80'], memory: 64 << 20 })
})

test('what follows the first argument is left alone for commands that run programs', () => {
  assert.deepEqual(parseFlags(table, ['-a', 'img', 'ls', '-n'], { stopAtFirst: true }).args, ['img', 'ls', '-n'])
})

test('errors have the words of pflag', () => {
  assert.throws(() => parseFlags(table, ['--nope']), { message: 'unknown flag: --nope' })
  assert.throws(() => parseFlags(table, ['-Z']), { message: "unknown shorthand flag: 'Z' in -Z" })
  assert.throws(() => parseFlags(table, ['-n']), { message: "flag needs an argument: 'n' in -n" })
  assert.throws(() => parseFlags(table, ['-m', 'zz']), {
    message: `invalid argument "zz" for "-m, --memory" flag: invalid size: 'zz'`,
  })
})
