import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { writeTogether } from './container-log.ts'
import { FileLog } from './file-log.ts'
import { LineSplitter } from './line-splitter.ts'

async function withDir(body: (path: string) => Promise<void> | void): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'berth-log-'))
  try {
    await body(join(dir, 'log'))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const readIfThere = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
const lines = (text: string) => new LineSplitter().split('stdout', Buffer.from(text), 1_000_000_001n)

test('an entry is an object of Docker’s json-file', () =>
  withDir(path => {
    const log = new FileLog({ path, attrs: { a: 'b' } })
    log.write(lines('x\n'))
    log.close()
    const expected = { log: 'x\n', stream: 'stdout', attrs: { a: 'b' }, time: '1970-01-01T00:00:01.000000001Z' }
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), expected)
  }))

test('a full file moves on, the oldest goes, no entry is split', () =>
  withDir(path => {
    const log = new FileLog({ path, maxSize: 200, maxFiles: 3 })
    log.write(lines(Array.from({ length: 20 }, (_, i) => `${i}\n`).join('')))
    log.close()
    const kept = [`${path}.2`, `${path}.1`, path].map(name => readFileSync(name, 'utf8')).join('')
    const numbers = kept
      .trim()
      .split('\n')
      .map(line => Number(JSON.parse(line).log))
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, i) => 20 - numbers.length + i),
    )
    assert.equal(existsSync(`${path}.3`), false)
  }))

test('full files are compressed when that is wanted', () =>
  withDir(async path => {
    const log = new FileLog({ path, maxSize: 100, maxFiles: 2, compress: true })
    log.write(lines('one\ntwo\n'))
    log.write(lines('three\n'))
    for (let i = 0; i < 200 && existsSync(`${path}.1`); i++) await delay(10)
    log.close()
    assert.match(gunzipSync(readFileSync(`${path}.1.gz`)).toString(), /one/)
  }))

test('lines that are written together are those that are written one by one', () =>
  withDir(path => {
    const texts = [
      'plain\nand another\n',
      'no end',
      ' now\n\n\nempty ones\n',
      'quotes " and\ttabs \u001b[1m\r\n \u2028 \u{1f600} é\n',
      'back\\slash \\n \\\\\nnext\n',
      `${'x'.repeat(20_000)}\nshort\n${'é'.repeat(9000)}\nshort\n`,
      `${'y'.repeat(16_384)}`,
      '\nz\n',
      'half',
    ]
    const chunks = [...texts.map(text => Buffer.from(text)), Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x62, 0x0a])]
    for (const maxSize of [undefined, 300, 70_000]) {
      const [together, single] = [`${path}-a${maxSize}`, `${path}-b${maxSize}`]
      const file = new FileLog({ path: together, maxSize, maxFiles: 100 })
      const other = new FileLog({ path: single, maxSize, maxFiles: 100 })
      const [splitter, otherSplitter] = [new LineSplitter(), new LineSplitter()]
      for (const chunk of chunks) {
        writeTogether(file, splitter, 'stdout', chunk, 7n)
        other.write(otherSplitter.split('stdout', chunk, 7n))
      }
      file.close()
      other.close()
      for (const suffix of ['', '.1', '.2'])
        assert.equal(readIfThere(together + suffix), readIfThere(single + suffix), `${maxSize}${suffix}`)
    }
  }))
