import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { SlotRing, takeSlots } from './slot-ring.ts'

const never = new AbortController().signal
const hashOf = (chunks: readonly Buffer[]) => chunks.reduce((hash, chunk) => hash.update(chunk), createHash('sha1'))

/** Both ends in one thread: what would be messages are calls. */
function openRing() {
  let wake = () => {}
  const ring: SlotRing = new SlotRing(() => wake())
  const sleep = () => new Promise<void>(resolve => (wake = resolve))
  return Object.assign(ring, { take: (each?: Parameters<typeof take>[2]) => take(ring, sleep, each) })
}

async function take(
  ring: SlotRing,
  sleep: () => Promise<void>,
  each: (piece: Buffer) => Promise<void> | void = () => {},
): Promise<string> {
  const hash = createHash('sha1')
  for await (const piece of takeSlots(ring.shared, { sleep, onRoom: () => ring.roomIsLeft() })) {
    hash.update(piece)
    await each(piece)
  }
  return hash.digest('hex')
}

test('what goes in comes out, whatever the sizes and whoever is slower', async () => {
  const ring = openRing()
  const chunks = Array.from({ length: 60 }, (_, i) => randomBytes([1, 70_000, 300_000, 900_000][i % 4]!))
  for (const pause of [0, 2]) {
    ring.reset()
    const taken = ring.take(() => (pause ? delay(pause) : undefined))
    await ring.pour(Readable.from(chunks), never)
    assert.equal(await taken, hashOf(chunks).digest('hex'))
  }
  ring.reset()
  const taken = ring.take()
  const slowly = async function* () {
    for (const chunk of chunks.slice(0, 8)) {
      yield chunk
      await delay(10)
    }
  }
  await ring.pour(Readable.from(slowly()), never)
  assert.equal(await taken, hashOf(chunks.slice(0, 8)).digest('hex'))
})

test('text counts as its bytes', async () => {
  const ring = openRing()
  const taken = ring.take()
  await ring.pour(Readable.from(['no ', 'archive']), never)
  assert.equal(await taken, hashOf([Buffer.from('no archive')]).digest('hex'))
})

test('a little is handed over although more may come', async () => {
  const ring = openRing()
  const source = new Readable({ read() {} })
  const first = Promise.withResolvers<number>()
  const taken = ring.take(piece => first.resolve(piece.length))
  const poured = ring.pour(source, never)
  source.push(Buffer.alloc(100))
  assert.equal(await first.promise, 100)
  source.push(null)
  await Promise.all([poured, taken])
})

test('a source that fails, and one that nobody wants any more, end both sides', async () => {
  const ring = openRing()
  const failing = new Readable({ read() {} })
  const poured = ring.pour(failing, never)
  failing.destroy(new Error('the disk burns'))
  await assert.rejects(poured, /the disk burns/)
  ring.reset()
  const taken = ring.take()
  const endless = new Readable({ read() {} })
  const stop = new AbortController()
  const stopped = ring.pour(endless, stop.signal)
  stop.abort()
  await stopped
  ring.giveUp()
  await assert.rejects(taken, /given up/)
})

test('who waits for room is let go when it is over', async () => {
  const ring = openRing()
  const stop = new AbortController()
  const source = Readable.from([randomBytes(9 << 20)])
  const poured = ring.pour(source, stop.signal)
  await delay(20)
  stop.abort()
  await poured
  ring.giveUp()
  assert.equal(source.isPaused(), true)
})
