import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { cdiDeviceNames, findCdiEdits } from './cdi.ts'

const root = mkdtempSync('/tmp/berth-cdi-')
const [low, high] = [join(root, 'low'), join(root, 'high')]
const dirs = [low, high, join(root, 'missing')]
after(() => rmSync(root, { recursive: true }))

const spec = (kind: string, names: readonly string[], value: string) => ({
  cdiVersion: '0.6.0',
  kind,
  devices: names.map(name => ({ name, containerEdits: { env: [`${name}=${value}`] } })),
  containerEdits: { env: [`all=${value}`] },
})

test('devices are found in JSON and YAML, later directories win, and what is named twice or broken is not there', () => {
  mkdirSync(low)
  mkdirSync(high)
  writeFileSync(join(low, 'a.json'), JSON.stringify(spec('v.com/d', ['one', 'two'], 'low')))
  writeFileSync(
    join(high, 'a.yaml'),
    'cdiVersion: "0.6.0"\nkind: v.com/d\ndevices:\n- name: one\n  containerEdits:\n    env: [one=high]\n',
  )
  writeFileSync(join(high, 'b.json'), JSON.stringify(spec('w.com/d', ['x', 'x'], 'twice')))
  writeFileSync(join(high, 'broken.json'), '{')
  writeFileSync(join(high, 'other.txt'), JSON.stringify(spec('t.com/d', ['t'], 't')))
  assert.deepEqual(cdiDeviceNames(dirs), ['v.com/d=one', 'v.com/d=two'])
  const { edits, missing } = findCdiEdits(dirs, ['v.com/d=one', 'w.com/d=x', 'v.com/d=two'])
  assert.deepEqual(missing, ['w.com/d=x'])
  assert.deepEqual(
    edits.flatMap(({ env }) => env ?? []),
    ['one=high', 'all=low', 'two=low'],
  )
})
