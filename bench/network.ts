// Times networks of ours and of a peer in turn, by raw API and with real traffic; one JSON line each.
// BERTH_SOCKET, BERTH_NETNS and PEER_SOCKET, PEER_NETNS name sockets and network namespaces (paths) of the engines.
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'

interface Engine {
  readonly name: string
  readonly socket: string
  readonly netns: string
}

const { BERTH_SOCKET, BERTH_NETNS, PEER_SOCKET, PEER_NETNS } = process.env
const image = process.env.IMAGE ?? 'busybox'
const rounds = Number(process.env.ROUNDS ?? 11)
if (!BERTH_SOCKET || !BERTH_NETNS || !PEER_SOCKET || !PEER_NETNS) throw new Error('four variables say what to measure')
const engines: readonly Engine[] = [
  { name: 'ours', socket: BERTH_SOCKET, netns: BERTH_NETNS },
  { name: 'peer', socket: PEER_SOCKET, netns: PEER_NETNS },
]

function call({ socket }: Engine, method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
  const data = Buffer.isBuffer(body) ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body))
  const type = Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json'
  const headers = { Host: 'd', 'Content-Length': data.length, ...(data.length && { 'Content-Type': type }) }
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socket, method, path: `/v1.51${path}`, headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode! >= 400) return reject(new Error(`${method} ${path}: ${text}`))
        resolve(text.startsWith('{') && !text.includes('\r\n') ? JSON.parse(text) : {})
      })
    })
    sent.on('error', reject)
    sent.end(data)
  })
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const time = async (body: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await body()
  return performance.now() - start
}

/** @param better whether small or large numbers are good; the ratio is above 1 when ours is better */
function report(what: string, unit: string, values: ReadonlyMap<string, number>, better: 'small' | 'large'): void {
  const [ours, peer] = [values.get('ours')!, values.get('peer')!]
  const ratio = better === 'small' ? peer / ours : ours / peer
  const round = (value: number) => Number(value.toPrecision(3))
  console.log(JSON.stringify({ what, unit, ours: round(ours), peer: round(peer), ratio: round(ratio) }))
}

/** Measures with each engine in turn. */
async function compare(
  what: string,
  unit: string,
  measure: (engine: Engine, round: number) => Promise<number>,
  { times = rounds, better = 'small' }: { readonly times?: number; readonly better?: 'small' | 'large' } = {},
): Promise<void> {
  const values = new Map<string, number[]>(engines.map(({ name }) => [name, []]))
  for (let round = 0; round < times; round++)
    for (const engine of engines) values.get(engine.name)!.push(await measure(engine, round))
  report(what, unit, new Map([...values].map(([name, all]) => [name, median(all)])), better)
}

const name = (suffix: string) => `ntbench-${suffix}`
async function start(engine: Engine, suffix: string, config: object, command: readonly string[]): Promise<string> {
  const path = `/containers/create?name=${name(suffix)}`
  const { Id } = await call(engine, 'POST', path, { Image: image, Cmd: command, ...config })
  await call(engine, 'POST', `/containers/${Id}/start`)
  return Id as string
}
const remove = (engine: Engine, id: string) => call(engine, 'DELETE', `/containers/${id}?force=1&v=1`)

/** Runs a script of Node in a network namespace and reads the number it prints. */
async function numberFrom(netns: string, script: string): Promise<number> {
  const { stdout } = await promisify(execFile)('nsenter', [`--net=${netns}`, process.execPath, '-e', script])
  return Number(stdout)
}

const fetchAll = (port: number, host = '127.0.0.1') => `
  const { connect } = require('net'); let bytes = 0; const begin = performance.now()
  const s = connect(${port}, '${host}', () => s.write('GET /big HTTP/1.0\\r\\n\\r\\n')); s.on('data', d => { bytes += d.length })
  s.on('close', () => console.log(bytes / 1e6 / ((performance.now() - begin) / 1000)))`
const connectOften = (port: number, host = '127.0.0.1') => `
  const { connect } = require('net'); const times = []
  const once = () => { const begin = performance.now(); const s = connect(${port}, '${host}', () => s.write('GET / HTTP/1.0\\r\\n\\r\\n'))
    s.resume(); s.on('close', () => { times.push(performance.now() - begin); times.length < 100 ? once() : console.log(times.sort((a, b) => a - b)[50]) }) }
  once()`
const askOften = (target: string) => `
  const s = require('dgram').createSocket('udp4'); let done = 0; const begin = performance.now()
  const label = Buffer.from('${target}')
  const query = Buffer.concat([Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, label.length]), label, Buffer.from([0, 0, 1, 0, 1])])
  s.on('message', () => { done++; s.send(query) })
  s.connect(53, '127.0.0.11', () => { for (let i = 0; i < 50; i++) s.send(query) })
  setTimeout(() => { console.log(done / ((performance.now() - begin) / 1000)); process.exit() }, 2000)`

/** The engine's address for another machine, which is a namespace on a veth. */
const outer = '10.201.77.1'
const outsideName = (engine: Engine) => `${name('out')}-${engine.name}`
const outsideOf = (engine: Engine) => `/run/netns/${outsideName(engine)}`

function addOutside(engine: Engine): void {
  const [there, here] = [outsideName(engine), `nsenter --net=${engine.netns}`]
  const script = `ip netns add ${there}; ${here} ip link add ntb0 type veth peer name ntb1
    ${here} ip addr add ${outer}/24 dev ntb0; ${here} ip link set ntb0 up
    ${here} ip link set ntb1 netns ${there}; ip -n ${there} addr add 10.201.77.2/24 dev ntb1; ip -n ${there} link set ntb1 up`
  execFileSync('sh', ['-ec', script])
}

function removeOutside(engine: Engine): void {
  const script = `nsenter --net=${engine.netns} ip link del ntb0; ip netns del ${outsideName(engine)}`
  execFileSync('sh', ['-c', `{ ${script}; } 2>/dev/null; true`])
}

async function networks(): Promise<void> {
  await compare('network create and rm', 'ms', (engine, round) =>
    time(async () => {
      await call(engine, 'POST', '/networks/create', { Name: name(`n${round}`) })
      await call(engine, 'DELETE', `/networks/${name(`n${round}`)}`)
    }),
  )
  for (const engine of engines) {
    await call(engine, 'POST', '/networks/create', { Name: name('net') })
    await start(engine, 'mover', {}, ['sleep', '600'])
  }
  await compare('connect and disconnect', 'ms', engine =>
    time(async () => {
      await call(engine, 'POST', `/networks/${name('net')}/connect`, { Container: name('mover') })
      await call(engine, 'POST', `/networks/${name('net')}/disconnect`, { Container: name('mover') })
    }),
  )
  for (const engine of engines) await remove(engine, name('mover'))
}

const published = (port: number) => ({
  ExposedPorts: { '80/tcp': {} },
  HostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } },
})

async function ports(): Promise<void> {
  await compare('run with a published port, until it has started', 'ms', async engine => {
    const before = performance.now()
    const id = await start(engine, 'port', published(17801), ['sleep', '60'])
    const spent = performance.now() - before
    await remove(engine, id)
    return spent
  })
  for (const engine of engines) await start(engine, 'web', published(17802), ['httpd', '-f', '-p', '80', '-h', '/etc'])
  await compare(
    'request by 127.0.0.1, new connection each',
    'ms',
    ({ netns }) => numberFrom(netns, connectOften(17802)),
    {
      times: 3,
    },
  )
  await compare(
    'request from another machine, new connection each',
    'ms',
    engine => numberFrom(outsideOf(engine), connectOften(17802, outer)),
    { times: 5 },
  )
  for (const engine of engines) await remove(engine, name('web'))
  const serve = ['sh', '-c', 'dd if=/dev/zero of=/tmp/big bs=1M count=200; httpd -f -p 80 -h /tmp']
  for (const engine of engines) await start(engine, 'zeros', published(17803), serve)
  await new Promise(resolve => setTimeout(resolve, 2000))
  const measure = ({ netns }: Engine) => numberFrom(netns, fetchAll(17803))
  await compare('download by 127.0.0.1', 'MB/s', measure, { times: 3, better: 'large' })
  await compare(
    'download from another machine',
    'MB/s',
    engine => numberFrom(outsideOf(engine), fetchAll(17803, outer)),
    { times: 5, better: 'large' },
  )
  for (const engine of engines) await remove(engine, name('zeros'))
}

async function dns(): Promise<void> {
  const config = {
    NetworkingConfig: { EndpointsConfig: { [name('net')]: {} } },
    HostConfig: { NetworkMode: name('net') },
  }
  for (const engine of engines) await start(engine, 'dns', config, ['sleep', '600'])
  await compare(
    'DNS',
    'queries/s',
    async engine => {
      const { State } = (await call(engine, 'GET', `/containers/${name('dns')}/json`)) as { State: { Pid: number } }
      return numberFrom(`/proc/${State.Pid}/ns/net`, askOften(name('dns')))
    },
    { times: 3, better: 'large' },
  )
  for (const engine of engines) await remove(engine, name('dns'))
}

async function copyUp(): Promise<void> {
  const dir = mkdtempSync('/var/tmp/ntbench-')
  mkdirSync(join(dir, 'files'))
  for (let i = 0; i < 10_000; i++) writeFileSync(join(dir, 'files', `f${i}`), `content ${i}`)
  const tar = execFileSync('tar', ['-C', dir, '-c', '.'], { maxBuffer: 64 << 20 })
  rmSync(dir, { recursive: true })
  for (const engine of engines) await call(engine, 'POST', `/images/create?fromSrc=-&repo=${name('many')}`, tar)
  await compare(
    'copy-up of 10,000 files',
    'ms',
    async engine => {
      const body = { Image: name('many'), Cmd: ['x'], Volumes: { '/files': {} } }
      let id = ''
      const spent = await time(async () => (id = (await call(engine, 'POST', '/containers/create', body)).Id as string))
      await remove(engine, id)
      return spent
    },
    { times: 3 },
  )
  for (const engine of engines) await call(engine, 'DELETE', `/images/${name('many')}`)
}

const leftovers = ['mover', 'port', 'web', 'zeros', 'dns']
const tidy = async () => {
  for (const engine of engines) {
    removeOutside(engine)
    for (const suffix of leftovers) await remove(engine, name(suffix)).catch(() => {})
    await call(engine, 'DELETE', `/networks/${name('net')}`).catch(() => {})
  }
}

await tidy()
try {
  for (const engine of engines) addOutside(engine)
  await networks()
  await ports()
  await dns()
  await copyUp()
} finally {
  await tidy()
}
