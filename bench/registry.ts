// berth-registry beside Debian's docker-registry: one large blob, small blobs, and memory under many clients at once.
// Usage: node bench/registry.ts [rounds]; prints one JSON line.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { type RunningServer, startDebians, startOurs, temporaryDir } from '../test/e2e/registry/lab.ts'

const rounds = Number(process.argv[2] ?? 5)
const agent = new Agent({ keepAlive: true, maxSockets: 200 })
const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
const seconds = async (body: () => Promise<unknown>) => {
  const start = performance.now()
  await body()
  return (performance.now() - start) / 1000
}

function ask(host: string, method: string, path: string, body?: Buffer): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  const headers = { 'Content-Length': body?.length ?? 0 }
  const req = request(`http://${host}${path}`, { method, agent, headers }, response => {
    response.on('data', () => {}).on('error', reject)
    response.on('end', () => {
      const status = response.statusCode ?? 0
      if (status < 300) resolve(response.headers.location)
      else reject(new Error(`${method} ${path}: ${status}`))
    })
  })
  req.on('error', reject).end(body)
  return promise
}

async function push(host: string, bytes: Buffer): Promise<string> {
  const location = new URL((await ask(host, 'POST', '/v2/bench/app/blobs/uploads/'))!, `http://${host}`)
  location.searchParams.set('digest', digestOf(bytes))
  await ask(host, 'PUT', location.pathname + location.search, bytes)
  return digestOf(bytes)
}

const pull = (host: string, digest: string) => ask(host, 'GET', `/v2/bench/app/blobs/${digest}`)

const rssMB = ({ process: { pid } }: RunningServer, key: 'VmRSS' | 'VmHWM') =>
  Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

const many = <T>(count: number, body: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => body(i)))

async function measure(server: RunningServer, large: Buffer, medium: readonly Buffer[]) {
  const { host } = server
  const small = Array.from({ length: 200 }, () => randomBytes(2000))
  const pushLarge = await seconds(() => push(host, large))
  const pullLarge = await seconds(() => pull(host, digestOf(large)))
  const pushSmall = await seconds(async () => {
    for (let i = 0; i < small.length; i += 20) await many(20, j => push(host, small[i + j]!))
  })
  const pullSmall = await seconds(async () => {
    for (let i = 0; i < small.length; i += 20) await many(20, j => pull(host, digestOf(small[i + j]!)))
  })
  const before = rssMB(server, 'VmRSS')
  await many(200, i => push(host, medium[i % medium.length]!))
  await many(200, i => pull(host, digestOf(medium[i % medium.length]!)))
  return { pushLarge, pullLarge, pushSmall, pullSmall, before, peak: rssMB(server, 'VmHWM') }
}

using dir = temporaryDir()
await using ours = await startOurs(join(dir.path, 'ours'))
await using theirs = await startDebians(join(dir.path, 'theirs'))
const [here, there]: Awaited<ReturnType<typeof measure>>[][] = [[], []]
for (let i = 0; i < rounds; i++) {
  const large = randomBytes(256 << 20)
  const medium = Array.from({ length: 20 }, () => randomBytes(4 << 20))
  there!.push(await measure(theirs, large, medium))
  here!.push(await measure(ours, large, medium))
}
const ratio = (key: 'pushLarge' | 'pullLarge' | 'pushSmall' | 'pullSmall') =>
  Number((median(there!.map(one => one[key])) / median(here!.map(one => one[key]))).toFixed(2))
console.log(
  JSON.stringify({
    bench: 'registry',
    rounds,
    ratios: {
      pushLarge: ratio('pushLarge'),
      pullLarge: ratio('pullLarge'),
      pushSmall: ratio('pushSmall'),
      pullSmall: ratio('pullSmall'),
    },
    oursMB: { before: here![0]!.before, peak: here!.at(-1)!.peak },
    debiansMB: { before: there![0]!.before, peak: there!.at(-1)!.peak },
  }),
)
