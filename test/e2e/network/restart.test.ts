import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from '../engine/lab.ts'
import { hammer } from './load.ts'

/** 20 in the long form: `KILLS=20 node --test test/e2e/network/restart.test.ts` */
const kills = Number(process.env.KILLS ?? 3)
const lab = new Lab()

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

test('no request by a published port or by name fails while the engine is killed and started again', async () => {
  lab.docker(['network', 'create', 'lane'])
  const web = ['run', '-d', '--name', 'web', '--network', 'lane', '-p', '8600:80', 'busybox', 'httpd', '-f', '-p', '80']
  assert.equal(lab.docker([...web, '-h', '/data']).code, 0)
  const loop =
    'while true; do if wget -q -O - http://web/file >/dev/null; then echo good; else echo bad; fi; sleep 0.05; done'
  lab.docker(['run', '-d', '--name', 'client', '--network', 'lane', 'busybox', 'sh', '-c', loop])
  const stop = hammer(lab.netns, 8600, '/file')
  await delay(500)
  for (let i = 0; i < kills; i++) {
    await lab.kill()
    await lab.start()
    await delay(200)
  }
  const { good, bad } = await stop()
  assert.ok(good > kills * 10, `${good} requests`)
  assert.equal(bad, 0)
  const names = lab.docker(['logs', 'client']).out.trim().split('\n')
  assert.ok(names.length > kills * 5)
  assert.deepEqual(
    names.filter(line => line !== 'good'),
    [],
  )
  lab.docker(['rm', '-f', 'web', 'client'])
})
