import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { after, before, test } from 'node:test'
import { Lab } from '../engine/lab.ts'
import { noTraces, traces } from '../engine/traces.ts'

/** `NETWORKS=200 CONTAINERS=500` is the long form. */
const networks = Number(process.env.NETWORKS ?? 30)
const containers = Number(process.env.CONTAINERS ?? 60)
const lab = new Lab(['--default-address-pool', 'base=10.128.0.0/9,size=24'])
const agent = new Agent({ keepAlive: true, maxSockets: 4 })

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

function call(method: string, path: string, body?: object): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const data = body ? JSON.stringify(body) : ''
  const headers = { Host: 'd', 'Content-Length': data.length, ...(data && { 'Content-Type': 'application/json' }) }
  const sent = request({ socketPath: lab.socket, agent, method, path: `/v1.51${path}`, headers }, response => {
    let text = ''
    response.on('data', part => (text += part))
    response.on('end', () => (response.statusCode! < 400 ? resolve(text) : reject(new Error(`${path}: ${text}`))))
  })
  sent.on('error', reject).end(data)
  return promise
}

/** Milliseconds of each, one after the other. */
async function timeAll(count: number, body: (i: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const since = performance.now()
    await body(i)
    times.push(performance.now() - since)
  }
  return times
}

/** A quarter is faster than this: what other work on the machine does counts little. */
const quick = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 2]!

function assertFlat(what: string, times: readonly number[]): void {
  const fifth = Math.floor(times.length / 5)
  const [first, last] = [quick(times.slice(0, fifth)), quick(times.slice(-fifth))]
  console.log(JSON.stringify({ what, count: times.length, firstMillis: first.toFixed(1), lastMillis: last.toFixed(1) }))
  assert.ok(last < 2 * first + 4, `${what}: ${first.toFixed(1)} ms at first, ${last.toFixed(1)} at last`)
}

test('many networks and containers: the last is made as fast as the first, and nothing stays', async () => {
  const create = async (i: number) => {
    const network = `n${i % networks}`
    const body = { Image: 'busybox', Cmd: ['sleep', '100000'], HostConfig: { NetworkMode: network } }
    await call('POST', `/containers/create?name=c${i}`, body)
    await call('POST', `/containers/c${i}/start`)
  }
  assertFlat('network create', await timeAll(networks, i => call('POST', '/networks/create', { Name: `n${i}` })))
  assertFlat('run', await timeAll(containers, create))
  const connect = (i: number) => call('POST', `/networks/n${(i + 1) % networks}/connect`, { Container: `c${i}` })
  assertFlat('connect', await timeAll(Math.min(containers, 50), connect))
  assertFlat('rm -f', await timeAll(containers, i => call('DELETE', `/containers/c${i}?force=1`)))
  assertFlat('network rm', await timeAll(networks, i => call('DELETE', `/networks/n${i}`)))
  const links = JSON.parse(lab.inside('ip', ['-j', 'link'])).map(({ ifname }: { ifname: string }) => ifname)
  assert.deepEqual(
    links.filter((name: string) => /^(br-|veth)/.test(name)),
    [],
  )
  assert.deepEqual(traces(lab), noTraces)
})
