import assert from 'node:assert/strict'
import { openSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnProcess } from '../kernel/spawn.ts'
import { Reaper } from './reaper.ts'

const nothing = openSync('/dev/null', 'r+')
const exitWith = (code: number) =>
  spawnProcess('/bin/sh', ['sh', '-c', `exit ${code}`], { stdio: [nothing, nothing, nothing] })

test('an exit is told to who asks before and to who asks after it', async () => {
  using reaper = new Reaper()
  const since = performance.now()
  assert.equal(await reaper.wait(exitWith(3), since), 3)
  const pid = exitWith(4)
  await delay(200)
  assert.equal(await reaper.wait(pid, since), 4)
})

test('an exit from before a child was started is not its own: pids come round', async () => {
  using reaper = new Reaper()
  const pid = exitWith(5)
  await delay(200)
  const answer = reaper.wait(pid, performance.now()).then(() => 'stale')
  assert.equal(await Promise.race([answer, delay(100, 'none')]), 'none')
})
