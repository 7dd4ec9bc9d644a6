import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'

export interface RunningServer extends AsyncDisposable {
  readonly host: string
  readonly process: ChildProcess
}

const binary = resolve(import.meta.dirname, '../../../bin/berth-registry')

/** Why tests with programs of others cannot run here, or false. */
export const lacks = (...programs: readonly string[]): string | false => {
  const missing = programs.find(program => !existsSync(`/usr/bin/${program}`))
  return missing ? `needs ${missing}` : false
}

/** The port is free when this returns. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise(done => server.close(done))
  return port
}

const listens = (host: string) =>
  new Promise<boolean>(done => {
    const socket = connect(Number(host.split(':')[1]), '127.0.0.1', () => done(true))
    socket.on('error', () => done(false)).on('connect', () => socket.destroy())
  })

async function start(host: string, command: string, args: readonly string[]): Promise<RunningServer> {
  const child = spawn(command, args, { stdio: 'ignore' })
  const exited = new Promise(done => child.once('exit', done))
  const server = {
    host,
    process: child,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
  for (let i = 0; i < 150; i++) {
    if (await listens(host)) return server
    await sleep(100)
  }
  await server[Symbol.asyncDispose]()
  throw new Error(`${command} does not answer`)
}

export async function startOurs(root: string, settings: object = {}): Promise<RunningServer> {
  const host = `127.0.0.1:${await freePort()}`
  const config = `${root}.json`
  writeFileSync(config, JSON.stringify({ root, ...settings }))
  return start(host, binary, ['--addr', host, '--config', config])
}

export async function startDebians(root: string): Promise<RunningServer> {
  const host = `127.0.0.1:${await freePort()}`
  const config = `${root}.yml`
  const storage = `storage: {filesystem: {rootdirectory: ${root}}, delete: {enabled: true}}`
  writeFileSync(config, `version: 0.1\nlog: {level: error}\n${storage}\nhttp: {addr: '${host}'}\n`)
  return start(host, '/usr/bin/docker-registry', ['serve', config])
}

export function temporaryDir(): Disposable & { readonly path: string } {
  const path = mkdtempSync('/var/tmp/registry-')
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export const sha256 = (bytes: string | Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Writes an OCI layout with one image of one layer, tagged `latest`. */
export function writeImage(dir: string, seed: string): void {
  const blobs = join(dir, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (mediaType: string, bytes: Buffer | string) => {
    const digest = sha256(bytes)
    writeFileSync(join(blobs, digest.slice(7)), bytes)
    return { mediaType, digest, size: Buffer.byteLength(bytes) }
  }
  const tar = Buffer.alloc(512 * 2000) // an empty archive, longer than one chunk of a stream
  const compressed = gzipSync(tar, { level: 0 })
  const layer = put('application/vnd.oci.image.layer.v1.tar+gzip', compressed)
  const rootfs = { type: 'layers', diff_ids: [sha256(tar)] }
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', author: seed, rootfs, config: {} })
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const image = {
    schemaVersion: 2,
    mediaType,
    config: put('application/vnd.oci.image.config.v1+json', config),
    layers: [layer],
  }
  const manifest = put(mediaType, JSON.stringify(image))
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' }
  writeFileSync(
    join(dir, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  )
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
}

const run = promisify(execFile)

export const skopeo = async (...args: readonly string[]): Promise<string> => (await run('skopeo', args)).stdout
