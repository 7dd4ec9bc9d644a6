import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { decompress } from './compression.ts'

test('a stream that ends before it can be told what it is comes through as it is', async () => {
  for (const text of ['', 'x', 'junk\n']) {
    const chunks: Buffer[] = []
    for await (const chunk of await decompress(Readable.from([Buffer.from(text)], { objectMode: false })))
      chunks.push(chunk as Buffer)
    assert.equal(Buffer.concat(chunks).toString(), text)
  }
})
