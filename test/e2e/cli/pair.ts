import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type RecordedRequest, Recorder } from './recorder.ts'

const root = resolve(import.meta.dirname, '../../..')

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
  readonly requests: readonly RecordedRequest[]
}

export interface Start {
  readonly input?: string | Buffer
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly timeoutMillis?: number
}

/** The table is of 28.5: clients before it speak an older API and have other words. */
const isCurrent = (path: string): boolean =>
  /version (28\.[5-9]|29\.)/.test(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '')

/** Docker's own client, when this machine has one that is new enough. */
export const stockClient = [
  process.env.DOCKER_CLIENT ?? '',
  '/var/tmp/peer-dockerd/root/usr/bin/docker',
  '/usr/bin/docker',
  '/usr/local/bin/docker',
].find(path => path !== '' && existsSync(path) && isCurrent(path))

/** The socket of an engine that both clients talk to, when somebody named one. */
export const engineSocket = process.env.CLI_ENGINE

export const ours = join(root, 'bin/berth')

/** The same command line with Docker's client and with ours, each with a home of its own, on one engine. */
export class Pair implements AsyncDisposable {
  readonly dir = mkdtempSync('/var/tmp/cli-pair-')
  readonly #recorder: Recorder

  constructor(socket: string) {
    this.#recorder = new Recorder(join(this.dir, 's'), socket)
  }

  async start(): Promise<this> {
    await this.#recorder.listen()
    this.clean()
    return this
  }

  /** A fresh home for both. */
  clean(): void {
    for (const name of ['stock', 'ours']) {
      rmSync(join(this.dir, name), { recursive: true, force: true })
      mkdirSync(join(this.dir, name, 'home'), { recursive: true })
    }
  }

  config(text: string): void {
    for (const name of ['stock', 'ours']) {
      mkdirSync(join(this.dir, name, 'home/.docker'), { recursive: true })
      writeFileSync(join(this.dir, name, 'home/.docker/config.json'), text)
    }
  }

  async run(which: 'stock' | 'ours', args: readonly string[], start: Start = {}): Promise<Outcome> {
    const home = join(this.dir, which, 'home')
    this.#recorder.take()
    const child = spawn(which === 'stock' ? stockClient! : ours, args, {
      cwd: start.cwd ?? home,
      env: { PATH: process.env.PATH, HOME: home, DOCKER_HOST: `unix://${this.#recorder.socket}`, ...start.env },
    })
    child.stdin.on('error', () => {})
    child.stdin.end(start.input ?? '')
    const text = { out: '', err: '' }
    child.stdout.on('data', chunk => (text.out += chunk))
    child.stderr.on('data', chunk => (text.err += chunk))
    const timer = setTimeout(() => child.kill('SIGKILL'), start.timeoutMillis ?? 20_000)
    const code = await new Promise<number | null>(done => child.on('close', done))
    clearTimeout(timer)
    return { code, ...text, requests: this.#recorder.take() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recorder[Symbol.asyncDispose]()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

const sortedJson = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedJson)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortedJson(item)]),
  )
}

/** What may differ between two runs of one client: ids, addresses of homes, moments. */
export const blur = (text: string): string =>
  text
    .replaceAll(/\/var\/tmp\/cli-pair-\w+/g, '<dir>')
    .replaceAll(/<dir>\/(stock|ours)\b/g, '<dir>/<client>')
    .replaceAll(/%2Fvar%2Ftmp%2Fcli-pair-\w+/g, '<dir>')
    .replaceAll(/\d+( seconds? ago)/g, '<n>$1')
    .replaceAll(/(?<!sha256:)\b[0-9a-f]{64}\b/g, '<id>')
    // ours needs no notice that the builder it uses is old, and no telemetry
    .replaceAll(/^DEPRECATED: The legacy builder .*\n(?: {12}.*\n)+\n?/gm, '')
    .replaceAll(/^time="[^"]*" level=debug msg="otel error".*\n/gm, '')
    // a thread of the stock client still packs a directory that its main thread has refused: it says so only at times
    .replaceAll(/^time="[^"]*" level=error msg="Can't add file .*\n/gm, '')

const bodyOf = (body: string): unknown => {
  if (body === '') return ''
  try {
    return sortedJson(JSON.parse(Buffer.from(body, 'latin1').toString()))
  } catch {
    return body.startsWith('\x1f\x8b') ? 'gzip' : `${body.length} bytes`
  }
}

/** Requests as comparable lines; their order among concurrent ones does not count, nor who pings how often. */
export const comparable = (requests: readonly RecordedRequest[]): readonly string[] =>
  requests
    .filter(({ line }) => !line.endsWith('/_ping'))
    .map(({ body, headers, line }) => {
      const [method, target = ''] = line.split(' ')
      const [path, query = ''] = target.split('?')
      const sorted = decodeURIComponent(query.replaceAll('+', ' ')).split('&').sort().join('&')
      const timeless = sorted.replaceAll(/\b(since|until)=\d{10}(\.\d+)?/g, '$1=<time>')
      return blur(
        `${method} ${path}?${timeless} ${JSON.stringify(sortedJson(headers))} ${JSON.stringify(bodyOf(body))}`,
      )
    })
    .sort()
