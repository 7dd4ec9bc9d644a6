// Times `run --rm` and `exec` by raw API over one kept connection, ours and a peer's in turn; one JSON line each.
import { Agent, request } from 'node:http'

const [ours, peer] = [process.env.BERTH_SOCKET, process.env.PEER_SOCKET]
const rounds = Number(process.env.ROUNDS ?? 15)
const image = process.env.IMAGE ?? 'busybox'
if (!ours)
  throw new Error('BERTH_SOCKET names the socket of the engine to measure, PEER_SOCKET the one to compare with')

const agents = new Map<string, Agent>()

function call(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  const agent = agents.get(socketPath) ?? new Agent({ keepAlive: true, maxSockets: 2 })
  agents.set(socketPath, agent)
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = {
    Host: 'd',
    'Content-Length': Buffer.byteLength(text),
    ...(text && { 'Content-Type': 'application/json' }),
  }
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path: `/v1.51${path}`, headers, agent }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() }))
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

const idOf = ({ text }: { text: string }): string => (JSON.parse(text) as { Id: string }).Id

async function runOnce(socket: string): Promise<void> {
  const id = idOf(await call(socket, 'POST', '/containers/create', { Image: image, Cmd: ['true'] }))
  await call(socket, 'POST', `/containers/${id}/start`)
  await call(socket, 'POST', `/containers/${id}/wait`)
  await call(socket, 'DELETE', `/containers/${id}`)
}

async function execOnce(socket: string, container: string): Promise<void> {
  const id = idOf(await call(socket, 'POST', `/containers/${container}/exec`, { Cmd: ['true'] }))
  await call(socket, 'POST', `/exec/${id}/start`, { Detach: true })
  while ((JSON.parse((await call(socket, 'GET', `/exec/${id}/json`)).text) as { Running: boolean }).Running)
    await new Promise(resolve => setTimeout(resolve, 1))
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function time(body: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}

async function compare(name: string, body: (socket: string) => Promise<void>): Promise<void> {
  const sockets = [ours!, ...(peer ? [peer] : [])]
  const times = sockets.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    for (const [i, socket] of sockets.entries()) times[i]!.push(await time(() => body(socket)))
  const [own, other] = times.map(median)
  console.log(
    JSON.stringify({
      bench: name,
      rounds,
      oursMillis: own?.toFixed(1),
      peerMillis: other?.toFixed(1),
      ratio: other && own ? (other / own).toFixed(2) : undefined,
    }),
  )
}

await compare('run by raw API: create, start, wait, delete', runOnce)
await compare(
  '8 runs at once',
  async socket => void (await Promise.all(Array.from({ length: 8 }, () => runOnce(socket)))),
)
const hosts = new Map<string, string>()
for (const socket of [ours, ...(peer ? [peer] : [])]) {
  hosts.set(socket, idOf(await call(socket, 'POST', '/containers/create', { Image: image, Cmd: ['sleep', '600'] })))
  await call(socket, 'POST', `/containers/${hosts.get(socket)}/start`)
}
await compare('exec by raw API: create, start, until it has ended', socket => execOnce(socket, hosts.get(socket)!))
for (const [socket, id] of hosts) await call(socket, 'DELETE', `/containers/${id}?force=1`)
for (const agent of agents.values()) agent.destroy()
