import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import bcrypt from 'bcryptjs'
import { lacks, skopeo, startOurs, temporaryDir, writeImage } from './lab.ts'

const skip = lacks('skopeo')
const [toPlain, fromPlain] = ['--dest-tls-verify=false', '--src-tls-verify=false']
const manifestOf = (dir: string): string =>
  JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8')).manifests[0].digest

test('skopeo pushes, mounts, pulls, lists and deletes', { skip }, async () => {
  using dir = temporaryDir()
  writeImage(join(dir.path, 'image'), 'one')
  await using ours = await startOurs(join(dir.path, 'root'))
  const image = `docker://${ours.host}/team/app`
  await skopeo('copy', toPlain, `oci:${dir.path}/image:latest`, `${image}:1`)
  await skopeo('copy', toPlain, '--format', 'v2s2', `oci:${dir.path}/image:latest`, `${image}:docker`)
  await skopeo('copy', fromPlain, toPlain, `${image}:1`, `docker://${ours.host}/other/app:1`)
  await skopeo('copy', fromPlain, `docker://${ours.host}/other/app:1`, `oci:${dir.path}/back:latest`)
  assert.equal(manifestOf(join(dir.path, 'back')), manifestOf(join(dir.path, 'image')))
  const raw = JSON.parse(await skopeo('inspect', '--tls-verify=false', '--raw', `${image}:docker`))
  assert.equal(raw.mediaType, 'application/vnd.docker.distribution.manifest.v2+json')
  await skopeo('delete', '--tls-verify=false', `${image}:1`)
  assert.deepEqual(JSON.parse(await skopeo('list-tags', '--tls-verify=false', image)).Tags, ['docker'])
  assert.equal(readdirSync(join(dir.path, 'root/blobs/sha256')).length, 4, 'two manifests, a config and a layer, once')
})

test('skopeo logs in; without a name it pulls and does not push', { skip }, async () => {
  using dir = temporaryDir()
  writeImage(join(dir.path, 'image'), 'two')
  const htpasswd = join(dir.path, 'htpasswd')
  writeFileSync(htpasswd, `anna:${bcrypt.hashSync('secret', 4)}\n`)
  await using ours = await startOurs(join(dir.path, 'root'), { htpasswd, anonymous: 'none' })
  const image = `docker://${ours.host}/app:1`
  const push = (...options: string[]) => skopeo('copy', toPlain, ...options, `oci:${dir.path}/image:latest`, image)
  await assert.rejects(push(), /unauthorized|authentication required/i)
  await assert.rejects(push('--dest-creds', 'anna:wrong'), /unauthorized|authentication required|invalid/i)
  await push('--dest-creds', 'anna:secret')
  await assert.rejects(skopeo('inspect', '--tls-verify=false', image), /unauthorized|authentication required/i)
  await skopeo('inspect', '--tls-verify=false', '--creds', 'anna:secret', image)
})

test('skopeo pushes over TLS', { skip: skip || lacks('openssl') }, async () => {
  using dir = temporaryDir()
  writeImage(join(dir.path, 'image'), 'three')
  const [tlsCert, tlsKey] = [join(dir.path, 'ca', 'ca.crt'), join(dir.path, 'key.pem')]
  mkdirSync(join(dir.path, 'ca'))
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=registry']
  const files = ['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', tlsKey, '-out', tlsCert]
  execFileSync('openssl', [...request, ...files], { stdio: 'ignore' })
  await using ours = await startOurs(join(dir.path, 'root'), { tlsCert, tlsKey })
  const image = `docker://${ours.host}/app:1`
  await assert.rejects(skopeo('copy', `oci:${dir.path}/image:latest`, image), /certificate/)
  await skopeo('copy', '--dest-cert-dir', join(dir.path, 'ca'), `oci:${dir.path}/image:latest`, image)
})
