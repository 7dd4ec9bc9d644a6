import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

export interface TestRegistry extends AsyncDisposable {
  readonly host: string
  /** where it keeps blobs: for spoiling them */
  readonly storage: string
  kill(): void
}

/** Debian's registry on a free port, without access control, or for one user. */
export async function startRegistry(user?: {
  readonly name: string
  readonly htpasswd: string
}): Promise<TestRegistry> {
  const dir = mkdtempSync('/var/tmp/registry-')
  const port = await freePort()
  const auth = user ? `auth: {htpasswd: {realm: test, path: ${dir}/htpasswd}}\n` : ''
  if (user) writeFileSync(join(dir, 'htpasswd'), user.htpasswd)
  const config = `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: ${dir}/data}, delete: {enabled: true}}\nhttp: {addr: "127.0.0.1:${port}"}\n${auth}`
  writeFileSync(join(dir, 'config.yml'), config)
  const child: ChildProcess = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: 'ignore' })
  for (let tries = 0; !(await answers(port)); tries++) {
    if (tries > 100) throw new Error('the registry does not start')
    await sleep(50)
  }
  return {
    host: `127.0.0.1:${port}`,
    storage: join(dir, 'data/docker/registry/v2'),
    kill: () => child.kill('SIGKILL'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await sleep(20)
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const answers = (port: number) =>
  new Promise<boolean>(resolve => {
    http
      .get({ port, host: '127.0.0.1', path: '/v2/' }, response => resolve(response.resume() && true))
      .on('error', () => resolve(false))
  })

/** Makes an OCI image of `layers` directories of small files, and pushes it by skopeo. */
export function pushImage(host: string, name: string, { layers = 3, files = 20, bytes = 1000 } = {}): void {
  const dir = mkdtempSync('/var/tmp/image-')
  try {
    const entries = Array.from({ length: layers }, (_, layer) => {
      const root = join(dir, `l${layer}`)
      for (let i = 0; i < files; i++) {
        const sub = join(root, `dir${layer}`, `sub${i % 50}`)
        mkdirSync(sub, { recursive: true })
        writeFileSync(join(sub, `file${i}`), `${layer} ${i} `.repeat(Math.ceil(bytes / 8)))
      }
      execFileSync('tar', ['-C', root, '--sort=name', '--mtime=@0', '-cf', join(dir, `${layer}.tar`), '.'])
      rmSync(root, { recursive: true })
      return `${layer}.tar`
    })
    const sha = (file: string) =>
      execFileSync('sha256sum', [join(dir, file)])
        .toString()
        .slice(0, 64)
    const config = {
      architecture: 'amd64',
      os: 'linux',
      created: '2020-01-01T00:00:00Z',
      config: { Cmd: ['sh'], Labels: { part: 'test' } },
      rootfs: { type: 'layers', diff_ids: entries.map(file => `sha256:${sha(file)}`) },
      history: entries.map((_, i) => ({ created: '2020-01-01T00:00:00Z', created_by: `step ${i}` })),
    }
    writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
    writeFileSync(
      join(dir, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: ['x:y'], Layers: entries }]),
    )
    execFileSync('tar', ['-C', dir, '-cf', join(dir, 'all.tar'), 'manifest.json', 'config.json', ...entries])
    execFileSync('skopeo', [
      'copy',
      '-q',
      '--dest-tls-verify=false',
      `docker-archive:${dir}/all.tar`,
      `docker://${host}/${name}`,
    ])
  } finally {
    rmSync(dir, { recursive: true })
  }
}
