import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClock } from './time.ts'

test('the clock follows the wall’s when the machine has slept or was set, and else never goes back', () => {
  let [wall, steady] = [1_000_000, 5n]
  const now = createClock(
    () => wall,
    () => steady,
  )
  const pass = (wallMillis: number, steadyNanos: bigint) => {
    wall += wallMillis
    steady += steadyNanos
    return now()
  }
  assert.equal(pass(0, 7n), 1_000_000_000_007n)
  assert.equal(pass(60_000, 100n), 1_060_000_000_000n) // asleep for a minute
  assert.equal(pass(10, 10_000_500n), 1_060_010_000_500n)
  assert.equal(pass(-20, 100n), 1_060_010_000_501n) // a small correction: order stays
  assert.equal(pass(-30_000, 100n), 1_029_990_000_000n)
})
