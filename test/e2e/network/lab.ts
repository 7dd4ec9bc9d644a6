// Containers of these tests are processes that sit in a namespace which the engine's networks made.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Database } from '../../../src/base/database.ts'
import { EngineError } from '../../../src/base/errors.ts'
import { createLog } from '../../../src/base/log.ts'
import { createNetwork, inNetwork } from '../../../src/kernel/namespace.ts'
import { addAddress, addLink, addRoute, Rtnetlink, setLink } from '../../../src/kernel/rtnetlink.ts'
import type { Sandbox, SandboxRequest } from '../../../src/network/networks.ts'
import { openNetworks } from '../../../src/network/open.ts'
import { type ContainerView, defaultNetworkConfig, type NetworkConfig } from '../../../src/network/state.ts'
import type { PortMap } from '../../../src/spec/engine-api/network.ts'
import { Proxies } from '../../../src/supervisor/proxy/proxies.ts'

/** Runs the test file again inside a network namespace of its own; true when it is there already. */
export function isInside(file: string): boolean {
  if (process.env.BERTH_E2E_INSIDE) return true
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const args = ['-n', process.execPath, '--test-reporter=spec', file]
  const { status } = spawnSync('unshare', args, { stdio: 'inherit', env: { ...env, BERTH_E2E_INSIDE: '1' } })
  if (status !== 0) process.exitCode = 1
  return false
}

export interface Box {
  readonly id: string
  readonly sandbox: Sandbox
  readonly child: ChildProcess
  /** prints what this script of Node writes when run inside */
  run(script: string): string
  /** a server by TCP and UDP that answers with the address of its client */
  serve(port: number): Promise<void>
  echo(port: number): Promise<void>
  stop(): Promise<void>
}

const ask = (address: string, port: number) =>
  `const s=require('net').connect({host:'${address}',port:${port},timeout:800});s.on('data',d=>process.stdout.write(d));s.on('error',e=>process.stdout.write(e.code));s.on('timeout',()=>{process.stdout.write('TIMEOUT');s.destroy()})`

/** What the script prints when run inside the namespace at `path` (undefined: here). */
export async function runIn(path: string | undefined, script: string): Promise<string> {
  const node = [process.execPath, '-e', script]
  const [command, ...args] = path ? ['nsenter', `--net=${path}`, ...node] : node
  const done = promisify(execFile)(command!, args, { encoding: 'utf8', timeout: 5000 })
  return (await done.catch(error => error as { stdout: string })).stdout
}

/** What a client inside the namespace at `path` (undefined: here) gets from a server. */
export const fetchFrom = (path: string | undefined, address: string, port: number): Promise<string> =>
  runIn(path, ask(address, port))

const askUdp = (address: string, port: number) =>
  `const s=require('dgram').createSocket('udp${address.includes(':') ? 6 : 4}');s.connect(${port},'${address}',()=>s.send('x'));s.on('message',d=>{process.stdout.write(d);s.close()});s.on('error',e=>{process.stdout.write(e.code);s.close()});setTimeout(()=>process.exit(process.stdout.write('TIMEOUT')),800).unref()`

/** The same by one datagram. */
export const askFrom = (path: string | undefined, address: string, port: number): Promise<string> =>
  runIn(path, askUdp(address, port))

export function openLab(config: Partial<NetworkConfig> = {}) {
  using here = new Rtnetlink()
  here.change([setLink(1, { up: true })])
  const dir = mkdtempSync('/var/tmp/berth-net-')
  const views = new Map<string, ContainerView>()
  const events: string[] = []
  const saved = new Map<string, PortMap>()
  const proxies = new Proxies()
  const open = () =>
    openNetworks({
      db: new Database(join(dir, 'meta.db')),
      execRoot: dir,
      log: createLog('warn'),
      emit: (action, _id, { name }) => void events.push(`${action} ${name}`),
      config: { ...defaultNetworkConfig, ...config },
      containers: {
        find(key) {
          const view = views.get(key) ?? [...views.values()].find(({ name }) => name === key)
          if (!view) throw new EngineError('not-found', `No such container: ${key}`)
          return view
        },
        saveEndpoint(id, network, settings) {
          const view = views.get(id)!
          const { [network]: _, ...rest } = view.endpoints
          views.set(id, { ...view, endpoints: settings ? { ...rest, [network]: settings } : rest })
        },
        savePorts: (id, ports) => void saved.set(id, ports),
      },
      proxies: { set: (id, ports) => proxies.set(id, join(dir, id), ports) },
    })
  const boxes = new Set<Box>()
  const lab = {
    networks: open(),
    views,
    events,
    saved,
    dir,
    boxes,
    reopen: () => void (lab.networks = open()),
    start,
    close,
  }

  async function start(name: string, request: Partial<SandboxRequest> = {}): Promise<Box> {
    const id = randomBytes(32).toString('hex')
    const full: SandboxRequest = {
      containerId: id,
      name,
      hostname: id.slice(0, 12),
      domainname: '',
      endpoints: { bridge: {} },
      exposedPorts: [],
      portBindings: {},
      publishAllPorts: false,
      dns: [],
      dnsSearch: [],
      dnsOptions: [],
      extraHosts: [],
      sysctls: {},
      links: [],
      ...request,
    }
    const sandbox = await lab.networks.containers.attach(full)
    const child = spawn('nsenter', [`--net=${sandbox.namespacePath}`, 'sleep', '1000'], { stdio: 'ignore' })
    await once(child, 'spawn')
    await new Promise(resolve => setTimeout(resolve, 60)) // nsenter has entered by then
    lab.networks.containers.started(id, child.pid!)
    const files = { hosts: join(dir, `${name}-hosts`), resolvConf: join(dir, `${name}-resolv.conf`) }
    writeFileSync(files.hosts, sandbox.hosts)
    writeFileSync(files.resolvConf, sandbox.resolvConf)
    const shared = { id, name, hostname: full.hostname, domainname: '', files, networkMode: 'bridge' }
    views.set(id, { ...shared, running: true, pid: child.pid!, endpoints: sandbox.endpoints })
    const path = `/proc/${child.pid}/ns/net`
    const helpers: ChildProcess[] = []
    const run = (script: string) =>
      spawnSync('nsenter', [`--net=${path}`, process.execPath, '-e', script], { encoding: 'utf8', timeout: 8000 })
        .stdout
    const listen = async (script: string) => {
      const server = spawn('nsenter', [`--net=${path}`, process.execPath, '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      helpers.push(server)
      await once(server.stdout, 'data')
    }
    const echo = (port: number) =>
      listen(`require('net').createServer(s=>s.pipe(s)).listen(${port},()=>console.log('up'))`)
    const serve = (port: number) => {
      const script = `require('net').createServer(s=>s.end(s.remoteAddress.replace('::ffff:',''))).listen(${port},()=>console.log('up'));
        const u=require('dgram').createSocket('udp6');u.on('message',(d,r)=>u.send(r.address.replace('::ffff:',''),r.port,r.address));u.bind(${port},'::')`
      return listen(script)
    }
    const stop = async () => {
      for (const process of [...helpers, child]) process.kill('SIGKILL')
      await lab.networks.containers.detach(id)
      boxes.delete(box)
    }
    const box: Box = { id, sandbox, child, run, serve, echo, stop }
    boxes.add(box)
    return box
  }

  async function close() {
    for (const box of boxes) await box.stop()
    rmSync(dir, { recursive: true, force: true })
  }
  return lab
}

/** Another machine at 10.9.0.2 and fd09::2, joined to this host at 10.9.0.1 and fd09::1; returns the path of its namespace. */
export function outsideMachine(): string {
  const namespace = createNetwork()
  using here = new Rtnetlink()
  here.change([
    setLink(1, { up: true }),
    addLink({ kind: 'veth', name: 'out0', up: true, peer: { name: 'eth0', index: 2, namespace } }),
  ])
  const { index } = here.link('out0')!
  here.change([addAddress(index, '10.9.0.1', 24), addAddress(index, 'fd09::1', 64)])
  inNetwork(namespace, () => {
    using there = new Rtnetlink()
    there.change([
      setLink(1, { up: true }),
      setLink(2, { up: true }),
      addAddress(2, '10.9.0.2', 24),
      addAddress(2, 'fd09::2', 64),
      addRoute({ index: 2, gateway: '10.9.0.1' }),
    ])
  })
  return `/proc/${process.pid}/fd/${openSync(`/proc/self/fd/${namespace}`, 'r')}`
}
