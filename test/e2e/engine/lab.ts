import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const root = resolve(import.meta.dirname, '../../..')

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The files of a small image: Debian's busybox with a link for each of its commands, the users root and app. */
export function busyboxTar(): Buffer {
  const tree = mkdtempSync('/var/tmp/berth-busybox-')
  try {
    for (const dir of ['bin', 'etc', 'root', 'tmp', 'data']) mkdirSync(join(tree, dir))
    const script = `chmod 755 .; cp "$(command -v busybox)" bin/busybox; for a in $(busybox --list | grep -vx busybox); do ln -s busybox bin/$a; done
      echo root:x:0:0:root:/root:/bin/sh >etc/passwd; echo app:x:7:7::/:/bin/sh >>etc/passwd; echo root:x:0: >etc/group; echo app:x:7: >>etc/group
      echo kept >data/file; chmod 1777 tmp`
    execFileSync('sh', ['-c', script], { cwd: tree })
    return execFileSync('tar', ['-C', tree, '-c', '.'], { maxBuffer: 64 << 20 })
  } finally {
    rmSync(tree, { recursive: true })
  }
}

/** An emulated machine takes its time. */
const slowness = Number(process.env.BERTH_SLOWNESS ?? 1)

/** A real engine with roots and a network namespace of its own; disposing leaves nothing of it. */
export class Lab implements AsyncDisposable {
  readonly dir = mkdtempSync('/var/tmp/berth-e2e-')
  readonly netns = `berth-e2e-${process.pid}`
  readonly socket = join(this.dir, 'b.sock')
  /** of this engine's containers alone */
  readonly cgroupParent = `/berth-e2e-${process.pid}`
  readonly #flags: string[]

  /** @param flags more of berthd's */
  constructor(flags: readonly string[] = []) {
    this.#flags = [...flags]
  }

  /** Flags that name places in `dir`. */
  addFlags(...flags: string[]): void {
    this.#flags.push(...flags)
  }

  async start(): Promise<this> {
    if (!existsSync(`/run/netns/${this.netns}`)) {
      execFileSync('ip', ['netns', 'add', this.netns])
      execFileSync('ip', ['netns', 'exec', this.netns, 'ip', 'link', 'set', 'lo', 'up'])
    }
    const flags = ['--data-root', join(this.dir, 'data'), '--exec-root', join(this.dir, 'exec')]
    const args = [
      `--net=/run/netns/${this.netns}`,
      join(root, 'bin/berthd'),
      ...flags,
      '-H',
      `unix://${this.socket}`,
      '--pidfile',
      join(this.dir, 'pid'),
      '--cgroup-parent',
      this.cgroupParent,
      ...this.#flags,
    ]
    spawn('nsenter', args, { detached: true, stdio: 'ignore' }).unref()
    for (let i = 0; i < 200 * slowness && !this.ping(); i++) await delay(50)
    if (!this.ping()) throw new Error('the engine did not start')
    return this
  }

  ping(): boolean {
    return spawnSync('curl', ['-fs', '--max-time', '2', '--unix-socket', this.socket, 'http://d/_ping']).status === 0
  }

  get pid(): number {
    return Number(readFileSync(join(this.dir, 'pid'), 'utf8'))
  }

  /** The stock client when there is one, else ours. */
  get client(): string {
    return ['/usr/bin/docker', '/usr/local/bin/docker'].find(existsSync) ?? join(root, 'bin/berth')
  }

  docker(args: readonly string[], input?: Buffer | string): Outcome {
    const env = { ...process.env, DOCKER_HOST: `unix://${this.socket}` }
    const done = spawnSync(this.client, args, {
      env,
      input,
      timeout: 60_000 * slowness,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
    })
    return { code: done.status, out: done.stdout, err: done.stderr }
  }

  inside(command: string, args: readonly string[]): string {
    const done = spawnSync('nsenter', [`--net=/run/netns/${this.netns}`, command, ...args], {
      timeout: 20_000,
      encoding: 'utf8',
    })
    return done.stdout
  }

  importBusybox(): void {
    const done = this.docker(['import', '-c', 'CMD ["sh"]', '-', 'busybox:latest'], busyboxTar())
    if (done.code !== 0) throw new Error(done.err)
  }

  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL')
    for (let i = 0; i < 100 && this.ping(); i++) await delay(20)
  }

  async stop(): Promise<void> {
    const pid = this.pid
    process.kill(pid, 'SIGTERM')
    for (let i = 0; i < 400 && existsSync(`/proc/${pid}`) && !isZombie(pid); i++) await delay(50)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => {})
    for (let i = 0; i < 100 && existsSync(join(this.dir, 'exec/supervisor.sock')); i++) await delay(50)
    spawnSync('ip', ['netns', 'del', this.netns])
    rmSync(this.dir, { recursive: true, force: true })
  }
}

const isZombie = (pid: number): boolean => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
