// Memory of berth-registry, or of Debian's docker-registry, under more and more clients at once, each pushing and pulling 4 MB.
// Usage: node bench/registry-memory.ts [debian]; prints one JSON line.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { startDebians, startOurs, temporaryDir } from '../test/e2e/registry/lab.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 400 })
const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

function ask(host: string, method: string, path: string, body?: Buffer): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  const headers = { 'Content-Length': body?.length ?? 0 }
  const req = request(`http://${host}${path}`, { method, agent, headers }, response => {
    response.on('error', reject).on('end', () => resolve(response.headers.location))
    response.resume()
  })
  req.on('error', reject).end(body)
  return promise
}

async function push(host: string, name: string, bytes: Buffer): Promise<void> {
  const location = new URL((await ask(host, 'POST', `/v2/${name}/blobs/uploads/`))!, `http://${host}`)
  location.searchParams.set('digest', digestOf(bytes))
  await ask(host, 'PUT', location.pathname + location.search, bytes)
}

using dir = temporaryDir()
const isDebians = process.argv[2] === 'debian'
await using server = await (isDebians ? startDebians : startOurs)(join(dir.path, 'registry'))
const { host } = server
const { pid } = server.process
const megabytes = (key: 'VmHWM' | 'VmRSS') =>
  Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024)

const peaks: Record<string, number> = { '0': megabytes('VmRSS') }
for (const clients of [1, 10, 50, 100, 200, 400]) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5') // the peak starts anew
  const blobs = Array.from({ length: 10 }, () => randomBytes(4 << 20))
  const all = (body: (i: number, blob: Buffer) => Promise<unknown>) =>
    Promise.all(Array.from({ length: clients }, (_, i) => body(i, blobs[i % blobs.length]!)))
  for (let round = 0; round < 2; round++) {
    await all((i, blob) => push(host, `bench/app${i % 7}`, blob))
    await all((i, blob) => ask(host, 'GET', `/v2/bench/app${i % 7}/blobs/${digestOf(blob)}`))
  }
  peaks[clients] = megabytes('VmHWM')
}
console.log(JSON.stringify({ bench: 'registry-memory', registry: isDebians ? 'debian' : 'berth', peaks }))
agent.destroy()
