import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Lab } from './lab.ts'
import { descriptorsOf, noTraces, traces } from './traces.ts'

// Short in CI; SOAK_CONTAINERS=1000 SOAK_SECONDS=300 is the long form.
const count = Number(process.env.SOAK_CONTAINERS ?? 60)
const seconds = Number(process.env.SOAK_SECONDS ?? 12)
const atOnce = 20

const lab = new Lab()
let seed = Number(process.env.SEED ?? 11)
const random = (limit: number): number => {
  seed = (seed * 1103515245 + 12345) % 2 ** 31
  return seed % limit
}

before(async () => {
  await lab.start()
  lab.importBusybox()
})
after(() => lab[Symbol.asyncDispose]())

let agent = new Agent({ keepAlive: true, maxSockets: atOnce })

interface Answer {
  readonly status: number
  readonly json: Record<string, unknown>
}

function call(method: string, path: string, body?: object): Promise<Answer> {
  const text = body ? JSON.stringify(body) : ''
  const headers = {
    Host: 'd',
    'Content-Length': Buffer.byteLength(text),
    ...(text && { 'Content-Type': 'application/json' }),
  }
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: lab.socket, method, path, headers, agent }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const said = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode!, json: said.startsWith('{') ? JSON.parse(said) : {} })
      })
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

async function life(exitCode: number): Promise<void> {
  const body = { Image: 'busybox', Cmd: ['sh', '-c', `echo hi; exit ${exitCode}`], HostConfig: { Tmpfs: { '/t': '' } } }
  const { json } = await call('POST', '/containers/create', body)
  assert.equal((await call('POST', `/containers/${json.Id}/start`)).status, 204)
  assert.equal((await call('POST', `/containers/${json.Id}/wait`)).json.StatusCode, exitCode)
  assert.equal((await call('DELETE', `/containers/${json.Id}?v=1`)).status, 204)
}

async function many(total: number): Promise<void> {
  let left = total
  const worker = async () => {
    while (left-- > 0) await life(left % 7)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const residentMiB = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

const supervisorPid = (): number =>
  Number(
    lab
      .inside('pgrep', ['-f', `berth-supervisor.*${lab.dir}`])
      .trim()
      .split('\n')[0],
  )

test(`${count} containers, ${atOnce} at a time, leave nothing`, async () => {
  await many(40) // whatever grows once has grown
  await delay(6000)
  const pids = [lab.pid, supervisorPid()]
  const before = pids.map(pid => ({ descriptors: descriptorsOf(pid), memory: residentMiB(pid) }))
  await many(count)
  await delay(7000)
  assert.deepEqual(traces(lab), noTraces)
  for (const [i, pid] of pids.entries()) {
    const now = { descriptors: descriptorsOf(pid), memory: residentMiB(pid) }
    assert.ok(
      now.descriptors <= before[i]!.descriptors + 5,
      `descriptors: ${before[i]!.descriptors}, then ${now.descriptors}`,
    )
    assert.ok(now.memory < before[i]!.memory + 60, `MiB: ${before[i]!.memory}, then ${now.memory}`)
  }
})

/** Random traffic by the stock client or ours; what fails because the engine is away is nobody's fault. */
class Traffic {
  readonly #running = new Set<ChildProcess>()
  readonly #names = Array.from({ length: 6 }, (_, i) => `chaos-${i}`)

  step(): void {
    const name = this.#names[random(this.#names.length)]!
    const verbs: readonly (readonly string[])[] = [
      [
        'run',
        '-d',
        '--name',
        name,
        'busybox',
        'sh',
        '-c',
        `i=0; while [ $i -lt ${random(60)} ]; do i=$((i+1)); echo $i; sleep 0.05; done; exit ${random(9)}`,
      ],
      ['stop', '-t', '0', name],
      ['start', name],
      ['exec', name, 'true'],
      ['kill', name],
      ['rm', '-f', name],
      ['restart', '-t', '0', name],
      ['pause', name],
      ['unpause', name],
    ]
    const child = spawn(lab.client, ['-H', `unix://${lab.socket}`, ...verbs[random(verbs.length)]!], {
      stdio: 'ignore',
    })
    this.#running.add(child)
    child.on('exit', () => this.#running.delete(child))
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 200 && this.#running.size > 0; i++) await delay(50)
    for (const child of this.#running) child.kill('SIGKILL')
  }

  get names(): readonly string[] {
    return this.#names
  }
}

/** What is known of a container agrees: its state, its exit code, its log, and what its command does. */
function checkAgreement(name: string, mayBeUnknown: boolean): void {
  const inspect = () =>
    JSON.parse(lab.docker(['inspect', '-f', '{"state":{{json .State}},"cmd":{{json .Config.Cmd}}}', name]).out)
  if (inspect().state.Paused) assert.equal(lab.docker(['unpause', name]).code, 0)
  const waited = lab.docker(['wait', name]).out.trim()
  const { state, cmd } = inspect()
  const [, limit, ownCode] = /-lt (\d+) .* exit (\d+)$/.exec(cmd.at(-1))!.map(Number)
  const lines = lab.docker(['logs', name]).out.trim().split('\n').filter(Boolean).map(Number)
  const all = `${name}: ${JSON.stringify(state)} ${cmd.at(-1)} ${lines}`
  assert.equal(waited, String(state.ExitCode), all)
  assert.equal(state.Running, false, all)
  for (const [i, line] of lines.entries()) assert.ok(line === 1 || line === lines[i - 1]! + 1, all)
  if (state.Status === 'created') {
    assert.deepEqual(lines, [], all)
    return
  }
  // 128 and 137 say that a start failed and that it was killed
  assert.ok([ownCode, 128, 137, ...(mayBeUnknown ? [255] : [])].includes(state.ExitCode), all)
  if (state.ExitCode === ownCode) assert.equal(lines.at(-1) ?? 0, limit, all)
}

async function chaos(kill: () => Promise<void>, mayBeUnknown: boolean): Promise<void> {
  const traffic = new Traffic()
  for (let second = 0; second < seconds; second++) {
    for (let i = 0; i < 6; i++) {
      traffic.step()
      await delay(120 + random(60))
    }
    await kill()
  }
  await traffic.settle()
  agent.destroy()
  agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  for (const name of traffic.names) {
    if (lab.docker(['inspect', name]).code !== 0) continue
    checkAgreement(name, mayBeUnknown)
    assert.equal(lab.docker(['rm', '-f', name]).err, '')
  }
  await delay(1000)
  assert.deepEqual(traces(lab), noTraces)
}

test(`kill -9 of the engine every second during ${seconds} s of random traffic`, async () => {
  const kill = async () => {
    await lab.kill()
    await lab.start()
  }
  await chaos(kill, false)
})

test(`kill -9 of the supervisor every second during ${seconds} s of random traffic`, async () => {
  await chaos(async () => void process.kill(supervisorPid(), 'SIGKILL'), true)
})
