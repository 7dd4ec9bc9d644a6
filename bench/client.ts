// Times short commands of the compiled client and of docker's on the same engine, in turn; one JSON line each.
// CLI_SOCKET names the engine, DOCKER_CLIENT the other client. With BERTH_SOCKET and PEER_SOCKET also the whole way:
// our client with our engine, docker's with its own.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const socket = process.env.CLI_SOCKET ?? process.env.PEER_SOCKET ?? '/var/run/docker.sock'
const clients = { berth: process.env.BERTH_CLIENT ?? 'dist/berth', docker: process.env.DOCKER_CLIENT ?? 'docker' }
const rounds = Number(process.env.ROUNDS ?? 21)

interface Run {
  readonly millis: number
  readonly peakKib: number
}

/** Peak of resident memory, as far as looking every millisecond shows it. */
function watchMemory(pid: number): () => number {
  let peak = 0
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0))
    } catch {
      // it has ended
    }
  }, 1)
  return () => {
    clearInterval(timer)
    return peak
  }
}

async function run(program: string, args: readonly string[], isWatched: boolean, at = socket): Promise<Run> {
  const env = { ...process.env, DOCKER_HOST: `unix://${at}` }
  const start = performance.now()
  const child = spawn(program, args, { env, stdio: 'ignore' })
  const stop = isWatched ? watchMemory(child.pid!) : () => 0
  await new Promise(resolve => child.on('exit', resolve))
  return { millis: performance.now() - start, peakKib: stop() }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

for (const args of [['version'], ['ps'], ['run', '--rm', process.env.IMAGE ?? 'busybox', 'true']]) {
  const times: Record<string, number[]> = { berth: [], docker: [] }
  const peaks: Record<string, number> = {}
  for (let round = 0; round < rounds; round++)
    for (const [name, program] of Object.entries(clients)) times[name]!.push((await run(program, args, false)).millis)
  for (const [name, program] of Object.entries(clients)) peaks[name] = (await run(program, args, true)).peakKib
  const [berth, docker] = [median(times.berth!), median(times.docker!)]
  console.log(
    JSON.stringify({
      bench: `client ${args[0]}`,
      rounds,
      berthMillis: Math.round(berth),
      dockerMillis: Math.round(docker),
      timesAsFast: Number((docker / berth).toFixed(2)),
      berthMib: Math.round(peaks.berth! / 1024),
      dockerMib: Math.round(peaks.docker! / 1024),
    }),
  )
}

const ways = [
  [clients.berth, process.env.BERTH_SOCKET],
  [clients.docker, process.env.PEER_SOCKET],
] as const
if (ways.every(([, at]) => at)) {
  const times: number[][] = [[], []]
  const job = ['run', '--rm', process.env.IMAGE ?? 'busybox', 'true']
  for (let round = 0; round < rounds; round++)
    for (const [i, [program, at]] of ways.entries()) times[i]!.push((await run(program, job, false, at)).millis)
  const [berth, docker] = times.map(median) as [number, number]
  console.log(
    JSON.stringify({
      bench: 'the whole way: run --rm',
      rounds,
      berthMillis: Math.round(berth),
      dockerMillis: Math.round(docker),
      timesAsFast: Number((docker / berth).toFixed(2)),
    }),
  )
}
