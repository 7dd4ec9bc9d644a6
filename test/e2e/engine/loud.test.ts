import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from './lab.ts'

// Short in CI; LOUD_MEGABYTES=5000 is the long form.
const megabytes = Number(process.env.LOUD_MEGABYTES ?? 300)
const line = 'x'.repeat(199)
/** For the buffers on the way and what V8 has not collected yet, however much comes. */
const allowedMiB = 150

const lab = new Lab()
before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

/** What a client of this command gets, as a digest. */
function follow(...args: string[]): Promise<{ readonly bytes: number; readonly digest: string }> {
  const child = spawn(lab.client, ['-H', `unix://${lab.socket}`, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const hash = createHash('sha256')
  let bytes = 0
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    hash.update(chunk)
  })
  return new Promise(resolve => child.on('close', () => resolve({ bytes, digest: hash.digest('hex') })))
}

const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

/** The most that each of these processes has more than at the start, while `work` is under way. */
async function growth(pids: readonly number[], work: Promise<unknown>): Promise<readonly number[]> {
  const before = pids.map(residentMiB)
  const most = pids.map(() => 0)
  let isOver = false
  void work.then(() => (isOver = true))
  while (!isOver) {
    for (const [i, pid] of pids.entries()) most[i] = Math.max(most[i]!, residentMiB(pid) - before[i]!)
    await delay(100)
  }
  return most
}

const supervisorPid = (): number => Number(lab.inside('pgrep', ['-f', `berth-supervisor.*${lab.dir}`]).split('\n')[0])

test(`${megabytes} MB of output reach logs -f and attach whole, and take no memory`, async () => {
  const count = megabytes * 5000
  const loud = `until [ -e /go ]; do sleep 0.1; done; yes ${line} | head -n ${count}`
  lab.docker(['create', '--name', 'loud', '--log-opt', 'max-size=100g', 'busybox', 'sh', '-c', loud])
  lab.docker(['start', 'loud'])
  const clients = [follow('logs', '-f', 'loud'), follow('attach', '--no-stdin', 'loud')]
  await delay(1000)
  const begin = performance.now()
  const grown = growth([lab.pid, supervisorPid()], Promise.all(clients))
  lab.docker(['exec', 'loud', 'touch', '/go'])
  const got = await Promise.all(clients)
  const rate = megabytes / ((performance.now() - begin) / 1000)
  const expected = createHash('sha256')
  for (let i = 0; i < count; i++) expected.update(`${line}\n`)
  const digest = expected.digest('hex')
  for (const each of got) assert.deepEqual(each, { bytes: count * 200, digest })
  const most = await grown
  console.log(JSON.stringify({ outputMBs: Math.round(rate), grownMiB: most.map(Math.round) }))
  for (const mebibytes of most) assert.ok(mebibytes < allowedMiB, `${mebibytes} MiB`)
  lab.docker(['rm', '-f', 'loud'])
})
