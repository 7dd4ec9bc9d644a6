import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { lacks, sha256, startDebians, startOurs, temporaryDir } from './lab.ts'

const zeros = `sha256:${'0'.repeat(64)}`
const hello = sha256('hello')
const type = 'application/vnd.oci.image.manifest.v1+json'
const manifest = (digest: string) =>
  JSON.stringify({ schemaVersion: 2, mediaType: type, config: { mediaType: 'a/b', digest, size: 5 }, layers: [] })

type Step = readonly [method: string, path: string, body?: string | undefined, headers?: Record<string, string>]

const steps: readonly Step[] = [
  ['GET', '/v2/'],
  ['GET', '/v2/_catalog'],
  ['GET', '/v2/foo/tags/list'],
  ['GET', '/v2/foo/manifests/latest'],
  ['GET', `/v2/foo/manifests/${zeros}`],
  ['GET', `/v2/foo/blobs/${zeros}`],
  ['PUT', '/v2/foo/manifests/1', manifest(zeros), { 'content-type': type }],
  ['PUT', `/v2/foo/manifests/${zeros}`, '{"schemaVersion":2}', { 'content-type': type }],
  ['UPLOAD', `/v2/foo/blobs/uploads/`, 'hello'],
  ['HEAD', `/v2/foo/blobs/${hello}`],
  ['GET', `/v2/foo/blobs/${hello}`],
  ['GET', `/v2/foo/blobs/${hello}`, undefined, { range: 'bytes=1-2' }],
  ['PUT', '/v2/foo/manifests/1', manifest(hello), { 'content-type': type }],
  ['GET', '/v2/foo/manifests/1', undefined, { accept: type }],
  ['GET', '/v2/foo/tags/list'],
  ['GET', '/v2/_catalog'],
  ['POST', `/v2/bar/blobs/uploads/?mount=${hello}&from=foo`],
  ['DELETE', `/v2/foo/manifests/${sha256(manifest(hello))}`],
  ['GET', '/v2/foo/manifests/1'],
  ['DELETE', `/v2/foo/blobs/${hello}`],
]

const compared = [
  'accept-ranges',
  'content-length',
  'content-range',
  'content-type',
  'docker-content-digest',
  'docker-distribution-api-version',
  'etag',
]

async function answers(host: string): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (const [method, path, body, headers = {}] of steps) {
    const response = await (method === 'UPLOAD' ? upload(host, path, body!) : ask(host, method, path, body, headers))
    const picked = compared.map(name => [name, response.headers.get(name)])
    // Debian's JSON ends with a line break, ours does not
    found.push([`${method} ${path}`, response.status, (await response.text()).trim(), withoutLength(picked)])
  }
  return found
}

const withoutLength = (headers: readonly (readonly (string | null)[])[]) =>
  headers.some(([name, value]) => name === 'content-type' && value?.includes('json'))
    ? headers.filter(([name]) => name !== 'content-length')
    : headers

const ask = (host: string, method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(`http://${host}${path}`, { method, headers, ...(body === undefined ? {} : { body }) })

async function upload(host: string, path: string, bytes: string): Promise<Response> {
  const { headers } = await ask(host, 'POST', path)
  const url = new URL(headers.get('location')!, `http://${host}`)
  url.searchParams.set('digest', sha256(bytes))
  return ask(host, 'PUT', url.pathname + url.search, bytes, { 'content-type': 'application/octet-stream' })
}

test("a session gets the answers of Debian's docker-registry", { skip: lacks('docker-registry') }, async () => {
  using dir = temporaryDir()
  await using ours = await startOurs(join(dir.path, 'ours'))
  await using theirs = await startDebians(join(dir.path, 'theirs'))
  const [here, there] = [await answers(ours.host), await answers(theirs.host)]
  for (const [i, answer] of here.entries()) assert.deepEqual(answer, there[i])
})
