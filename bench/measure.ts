// What the benchmarks of containers share: requests over kept connections, two engines in turn, medians.
import { Agent, request } from 'node:http'

export const [ours, peer] = [process.env.BERTH_SOCKET, process.env.PEER_SOCKET]
export const rounds = Number(process.env.ROUNDS ?? 15)
export const image = process.env.IMAGE ?? 'busybox'
if (!ours)
  throw new Error('BERTH_SOCKET names the socket of the engine to measure, PEER_SOCKET the one to compare with')

export const agents = new Map<string, Agent>()

function kept(socketPath: string): Agent {
  const agent = agents.get(socketPath) ?? new Agent({ keepAlive: true, maxSockets: 2 })
  agents.set(socketPath, agent)
  return agent
}

export function call(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  agent: Agent | false = kept(socketPath),
): Promise<{ status: number; text: string }> {
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
      response.on('end', () => {
        const reply = { status: response.statusCode!, text: Buffer.concat(chunks).toString() }
        // what was refused took no time worth knowing
        if (reply.status >= 400) reject(new Error(`${method} ${path}: ${reply.status} ${reply.text}`))
        else resolve(reply)
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

export const idOf = ({ text }: { text: string }): string => (JSON.parse(text) as { Id: string }).Id

export interface Around {
  /** not timed */
  readonly before?: (socket: string) => Promise<void>
  readonly after?: (socket: string) => Promise<void>
  readonly times?: number
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function time(body: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await body()
  return performance.now() - start
}

export async function compare(
  name: string,
  body: (socket: string) => Promise<void>,
  { before = async () => {}, after = async () => {}, times: count = rounds }: Around = {},
): Promise<void> {
  const sockets = [ours!, ...(peer ? [peer] : [])]
  const times = sockets.map((): number[] => [])
  for (let round = 0; round < count; round++)
    for (const [i, socket] of sockets.entries()) {
      await before(socket)
      times[i]!.push(await time(() => body(socket)))
      await after(socket)
    }
  const [own, other] = times.map(median)
  console.log(
    JSON.stringify({
      bench: name,
      rounds: count,
      oursMillis: own?.toFixed(1),
      peerMillis: other?.toFixed(1),
      ratio: other && own ? (other / own).toFixed(2) : undefined,
    }),
  )
}
