// Times the verbs of containers and their streams, ours and a peer's in turn; one JSON line each.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { agents, call, compare, idOf, image } from './measure.ts'

const client = process.env.DOCKER ?? '/usr/local/bin/docker'
const mebibytes = Number(process.env.MEBIBYTES ?? 200)
const dir = mkdtempSync('/var/tmp/berth-bench-')
const few = { times: 3 }

function docker(socket: string, ...args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(client, ['-H', `unix://${socket}`, ...args], { stdio: 'ignore' })
    child.on('error', reject)
    child.on('exit', () => resolve())
  })
}

const create = async (socket: string, name: string, ...Cmd: string[]) =>
  idOf(await call(socket, 'POST', `/containers/create?name=${name}`, { Image: image, Cmd }))
const start = async (socket: string, name: string) => void (await call(socket, 'POST', `/containers/${name}/start`))
const remove = async (socket: string, name: string) =>
  void (await call(socket, 'DELETE', `/containers/${name}?force=1&v=1`))
const running = async (socket: string) => {
  await create(socket, 'bench-x', 'sleep', '600')
  await start(socket, 'bench-x')
}
const gone = (socket: string) => remove(socket, 'bench-x')

await compare('docker run --rm', socket => docker(socket, 'run', '--rm', image, 'true'))
await compare(
  '20 docker run --rm at once',
  async socket =>
    void (await Promise.all(Array.from({ length: 20 }, () => docker(socket, 'run', '--rm', image, 'true')))),
  few,
)
await compare('create', async socket => void (await create(socket, 'bench-x', 'true')), { after: gone })
await compare('start', socket => start(socket, 'bench-x'), {
  before: async socket => void (await create(socket, 'bench-x', 'sleep', '600')),
  after: gone,
})
await compare('kill', async socket => void (await call(socket, 'POST', '/containers/bench-x/kill')), {
  before: running,
  after: gone,
})
await compare('stop at once', async socket => void (await call(socket, 'POST', '/containers/bench-x/stop?t=0')), {
  before: running,
  after: gone,
})
await compare('rm of one that runs', gone, { before: running })
await compare(
  'stats, one shot',
  async socket => void (await call(socket, 'GET', '/containers/bench-x/stats?stream=0&one-shot=1')),
  {
    before: running,
    after: gone,
  },
)

const file = join(dir, 'big')
writeFileSync(file, Buffer.alloc(mebibytes << 20, 'berth'))
await compare(`cp of ${mebibytes} MiB in`, socket => docker(socket, 'cp', '-q', file, 'bench-x:/big'), {
  before: running,
  after: gone,
  ...few,
})
await compare(`cp of ${mebibytes} MiB out`, socket => docker(socket, 'cp', '-q', 'bench-x:/big', join(dir, 'out')), {
  before: async socket => {
    await running(socket)
    await docker(socket, 'cp', '-q', file, 'bench-x:/big')
  },
  after: gone,
  ...few,
})
const loud = `yes ${'0123456789'.repeat(12)} | head -c ${mebibytes << 20}`
await compare(
  `${mebibytes} MiB of output, attached`,
  socket => docker(socket, 'run', '--rm', image, 'sh', '-c', loud),
  few,
)
await compare(`logs of ${mebibytes} MiB`, socket => docker(socket, 'logs', 'bench-x'), {
  before: async socket => {
    const host = { LogConfig: { Type: 'json-file', Config: { 'max-size': '100g' } } }
    await call(socket, 'POST', '/containers/create?name=bench-x', {
      Image: image,
      Cmd: ['sh', '-c', loud],
      HostConfig: host,
    })
    await start(socket, 'bench-x')
    await call(socket, 'POST', '/containers/bench-x/wait')
  },
  after: gone,
  ...few,
})
for (const agent of agents.values()) agent.destroy()
rmSync(dir, { recursive: true })
