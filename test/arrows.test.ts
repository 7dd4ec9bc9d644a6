import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { test } from 'node:test'

/** Folder → what it may import. Every folder may import `spec` and `base`. `a/b` allows that file only. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  bin: ['cli', 'client', 'daemon', 'registry', 'supervisor'],
  daemon: [
    'api',
    'engine',
    'registry',
    ...[
      'archive',
      'container',
      'content',
      'image',
      'kernel',
      'network',
      'remote',
      'runtime',
      'snapshot',
      'volume',
      'build',
    ],
  ],
  cli: ['archive', 'remote'],
  api: [],
  client: [],
  web: [],
  engine: ['container', 'image', 'build', 'network', 'volume'],
  build: ['image', 'content', 'snapshot', 'archive', 'runtime', 'network'],
  container: ['image', 'snapshot', 'archive', 'runtime', 'network', 'volume', 'kernel'],
  image: ['remote', 'content', 'snapshot', 'archive'],
  registry: ['content', 'remote'],
  snapshot: ['archive', 'kernel'],
  runtime: ['kernel', 'supervisor/protocol.ts'],
  network: ['kernel'],
  volume: ['kernel'],
  supervisor: ['kernel'],
  content: [],
  remote: [],
  archive: [],
  kernel: [],
  spec: [],
  base: [],
}

/** Drivers are picked in one place. */
const wireOnly = [
  'kernel',
  'container',
  'image',
  'snapshot',
  'archive',
  'network',
  'volume',
  'content',
  'remote',
  'runtime',
  'build',
]

const root = resolve(import.meta.dirname, '..', 'src')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  file => file.endsWith('.ts') && file.includes('/'),
)

const importsOf = (file: string): readonly string[] => {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)
  return [...found].map(match => relative(root, resolve(root, dirname(file), match[1]!)))
}

function isAllowed(file: string, target: string): boolean {
  const [folder, to] = [file.split('/')[0]!, target.split('/')[0]!]
  if (file.includes('.test.') && target.startsWith('../test/suites/')) return true
  if (target.startsWith('..') || folder === to || to === 'spec' || to === 'base')
    return !target.startsWith('..') && (folder !== 'base' || to === 'base')
  if (file.includes('.test.')) return true
  if (folder === 'daemon' && wireOnly.includes(to)) return file === 'daemon/wire.ts'
  return (arrows[folder] ?? []).some(arrow => arrow === to || arrow === target)
}

test('every import follows an arrow', () => {
  const wrong = files.flatMap(file =>
    importsOf(file)
      .filter(target => !isAllowed(file, target))
      .map(target => `${file} → ${target}`),
  )
  assert.deepEqual(wrong, [])
})

test('koffi is imported by kernel/ only', () => {
  const users = files.filter(file => /from 'koffi'/.test(readFileSync(join(root, file), 'utf8')))
  assert.deepEqual(
    users.filter(file => !file.startsWith('kernel/')),
    [],
  )
})
