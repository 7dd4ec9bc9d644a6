import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'

const root = resolve(import.meta.dirname, '../../..')
const dir = mkdtempSync('/var/tmp/berth-pack-')
after(() => rmSync(dir, { recursive: true, force: true }))

test('what npm would publish runs with nothing else of ours around', () => {
  const text = execFileSync('npm', ['pack', '--json', '--pack-destination', dir], { cwd: root, encoding: 'utf8' })
  const packed = Object.values(JSON.parse(text) as Record<string, { readonly filename: string }>)[0]!
  execFileSync('tar', ['-xzf', join(dir, packed.filename), '-C', dir])
  // under node_modules, as after npm install, where Node refuses TypeScript
  const modules = join(dir, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name))
  const home = join(modules, 'berth')
  renameSync(join(dir, 'package'), home)
  const run = (program: string, ...args: string[]) =>
    spawnSync(join(home, 'bin', program), args, { encoding: 'utf8', env: { ...process.env, HOME: dir } })
  assert.match(run('berth', '--version').stdout, /^Docker version \d/)
  assert.match(run('berth', 'run', '--help').stdout, /--publish-all/)
  assert.match(run('berthd', '--nonsense').stderr, /^berthd: Unknown option '--nonsense'/)
})
