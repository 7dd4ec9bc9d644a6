import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
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
