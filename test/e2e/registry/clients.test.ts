import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { lacks, startOurs, temporaryDir, writeImage } from './lab.ts'

const run = promisify(execFile)
const needs = (program: string) => lacks(program, 'htpasswd') || (process.getuid?.() === 0 ? false : 'needs root')

/** A registry that wants tokens, and a home directory for the clients. */
async function openRealm() {
  const dir = temporaryDir()
  const htpasswd = join(dir.path, 'htpasswd')
  writeFileSync(htpasswd, execFileSync('htpasswd', ['-nbB', 'anna', 'secret']))
  writeImage(join(dir.path, 'image'), 'clients')
  const rules = [{ users: ['anna'], repositories: 'team/**', actions: ['pull', 'push', 'delete'] }]
  const server = await startOurs(join(dir.path, 'root'), { htpasswd, tokens: true, rules })
  for (const name of ['run', 'store', 'home']) mkdirSync(join(dir.path, name))
  const env = {
    PATH: process.env.PATH,
    HOME: join(dir.path, 'home'),
    REGISTRY_AUTH_FILE: join(dir.path, 'auth.json'),
    XDG_RUNTIME_DIR: join(dir.path, 'run'),
  }
  const storage = ['--root', join(dir.path, 'store'), '--runroot', join(dir.path, 'run'), '--storage-driver', 'vfs']
  return {
    host: server.host,
    dir: dir.path,
    run: async (program: string, ...args: readonly string[]) =>
      (await run(program, [...args], { env, timeout: 60_000, killSignal: 'SIGKILL' })).stdout.trim(),
    storage,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      dir[Symbol.dispose]()
    },
  }
}

test('podman logs in, pushes, pulls and searches what it may', { skip: needs('podman') }, async () => {
  await using realm = await openRealm()
  const { host, storage, dir } = realm
  const podman = (...args: readonly string[]) => realm.run('podman', ...storage, ...args)
  const plain = '--tls-verify=false'
  await assert.rejects(podman('login', plain, '-u', 'anna', '-p', 'wrong', host), /invalid username\/password/)
  await podman('login', plain, '-u', 'anna', '-p', 'secret', host)
  await realm.run(
    'skopeo',
    'copy',
    '--dest-tls-verify=false',
    `oci:${dir}/image:latest`,
    `docker://${host}/team/base:1`,
  )
  await podman('pull', plain, `${host}/team/base:1`)
  const id = (await podman('images', '-q', '--no-trunc')).split('\n')[0]!
  await podman('push', plain, id, `${host}/team/podman:1`)
  await podman('rmi', '-f', id)
  await podman('pull', plain, `${host}/team/podman:1`)
  assert.equal((await podman('images', '-q', '--no-trunc')).split('\n')[0], id)
  await assert.rejects(
    podman('push', plain, id, `${host}/other/podman:1`),
    /denied|unauthorized|authentication required/i,
  )
})

test('buildah builds from what it pulled and pushes a manifest list', { skip: needs('buildah') }, async () => {
  await using realm = await openRealm()
  const { host, storage, dir } = realm
  const plain = '--tls-verify=false'
  const buildah = (...args: readonly string[]) => realm.run('buildah', ...storage, ...args)
  await buildah('login', plain, '-u', 'anna', '-p', 'secret', host)
  await realm.run(
    'skopeo',
    'copy',
    '--dest-tls-verify=false',
    `oci:${dir}/image:latest`,
    `docker://${host}/team/base:1`,
  )
  const container = await buildah('from', plain, `${host}/team/base:1`)
  await buildah('config', '--label', 'made=here', container)
  await buildah('commit', container, 'made')
  await buildah('manifest', 'create', 'both')
  await buildah('manifest', 'add', 'both', 'made')
  await buildah('manifest', 'push', plain, '--all', 'both', `docker://${host}/team/both:1`)
  const raw = JSON.parse(await realm.run('skopeo', 'inspect', plain, '--raw', `docker://${host}/team/both:1`))
  assert.equal(raw.manifests.length, 1)
})

test('a person looks around in Chromium', { skip: lacks('chromium') }, async () => {
  using dir = temporaryDir()
  await using ours = await startOurs(join(dir.path, 'root'))
  writeImage(join(dir.path, 'image'), 'chromium')
  const source = `oci:${dir.path}/image:latest`
  await run('skopeo', ['copy', '--dest-tls-verify=false', source, `docker://${ours.host}/team/app:v1`])
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  const open = async (path: string) => {
    const profile = `--user-data-dir=${join(dir.path, 'profile')}`
    const args = [...flags, ...quiet, profile, '--dump-dom', `http://${ours.host}${path}`]
    return (await run('chromium', args, { timeout: 60_000, killSignal: 'SIGKILL' })).stdout
  }
  const linkIn = (dom: string, text: string) => new RegExp(`<a href="([^"]+)">${text}</a>`).exec(dom)?.[1] ?? ''
  const repositories = await open('/')
  const repository = await open(linkIn(repositories, 'team/app'))
  const tag = await open(linkIn(repository, 'v1'))
  assert.match(repository, /<td class="n">1\.024MB<\/td>/)
  assert.match(tag, /layer 1.*sha256:[0-9a-f]{64}/)
})
