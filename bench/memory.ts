// PSS of everything an engine runs (its helpers too, containers' own processes not), idle and with idle containers.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const containers = Number(process.env.CONTAINERS ?? 50)
const client = process.env.DOCKER ?? 'docker'

/** Told apart by a word of the command lines: the root of the engine, or its socket. */
const engines = [
  { name: 'berth', socket: process.env.BERTH_SOCKET, mark: process.env.BERTH_MARK },
  { name: 'peer', socket: process.env.PEER_SOCKET, mark: process.env.PEER_MARK },
].filter(({ socket }) => socket)

function pssKiB(mark: string): number {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name) && name !== String(process.pid))
  return pids
    .map(pid => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        if (!command.includes(mark) || command.includes('bench/memory')) return 0
        return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
      } catch {
        return 0 // it ended
      }
    })
    .reduce((sum, size) => sum + size, 0)
}

const image = process.env.IMAGE ?? 'busybox'

function docker(socket: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(client, ['-H', `unix://${socket}`, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`)
  return stdout.trim()
}

const settle = () => new Promise(resolve => setTimeout(resolve, 8000))

for (const { name, socket, mark } of engines) {
  await settle()
  const idle = pssKiB(mark!)
  const ids: string[] = []
  for (let i = 0; i < containers; i++) ids.push(docker(socket!, ['run', '-d', image, 'sleep', '10000']))
  await settle()
  const full = pssKiB(mark!)
  docker(socket!, ['rm', '-f', ...ids])
  const mib = (size: number) => Number((size / 1024).toFixed(1))
  const each = Number(((full - idle) / 1024 / containers).toFixed(2))
  console.log(
    JSON.stringify({
      bench: 'memory',
      engine: name,
      containers,
      idleMiB: mib(idle),
      fullMiB: mib(full),
      eachMiB: each,
    }),
  )
}
