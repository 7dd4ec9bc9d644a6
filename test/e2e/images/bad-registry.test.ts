import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { tarEntry } from '../../../src/archive/tar-entry.ts'
import { encodeTarHeader, tarTrailer } from '../../../src/archive/tar-header.ts'
import { digestOf, hexOf } from '../../../src/spec/digest.ts'
import { openImages } from './harness.ts'
import { freePort, pushImage, startRegistry } from './registry.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'
const clean = { blobs: 0, layers: 0, unfinished: 0 }

/** The registry's files of the largest blobs: layers. */
function blobFiles(storage: string): string[] {
  const root = join(storage, 'blobs/sha256')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('/data'))
  return files.map(name => join(root, name)).sort((a, b) => statSync(b).size - statSync(a).size)
}

const incompressible = { layers: 2, files: 40, bytes: 200_000 }

test('a layer with other bytes is refused and nothing stays', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest', incompressible)
  const [file = ''] = blobFiles(registry.storage)
  const sound = readFileSync(file)
  const spoiled = Buffer.from(sound)
  spoiled[spoiled.length - 5]! ^= 1
  writeFileSync(file, spoiled)
  await assert.rejects(
    here.pull(`${registry.host}/app`),
    /failed to register layer|filesystem layer verification failed/,
  )
  assert.deepEqual(here.disk(), clean)
  writeFileSync(file, sound)
  await here.pull(`${registry.host}/app`)
})

test('a layer that ends too early is asked for again, then refused; nothing stays', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest', incompressible)
  const [file = ''] = blobFiles(registry.storage)
  truncateSync(file, statSync(file).size >> 1)
  await assert.rejects(here.pull(`${registry.host}/app`))
  assert.deepEqual(here.disk(), clean)
})

test('a connection that breaks is taken up where it broke', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest', { layers: 2, files: 2000, bytes: 3000 })
  const ranges: string[] = []
  await using proxy = await breakingProxy(registry.host, 20_000, ranges)
  const messages = await here.pull(`${proxy.host}/app`)
  assert.ok(messages.some(({ status }) => status === 'Retrying in 1 second' || status?.startsWith('Retrying in')))
  assert.ok(ranges.length >= 1, 'asks for the rest only')
  assert.ok(ranges.every(range => /^bytes=[1-9]\d*-$/.test(range)))
})

test('a registry that dies in the middle leaves nothing', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest', incompressible)
  await using proxy = await breakingProxy(registry.host, 5_000, [], () => registry.kill())
  await assert.rejects(here.pull(`${proxy.host}/app`))
  assert.deepEqual(here.disk(), clean)
})

test('archives that lead out are refused, and nothing is outside', { skip }, async () => {
  for (const entry of [
    tarEntry('../../../../../evil-file'),
    tarEntry('l', { type: 'link', linkName: '../../../../etc/passwd' }),
  ]) {
    await using here = openImages()
    const layer = gzipSync(Buffer.concat([encodeTarHeader(entry), tarTrailer]))
    await using server = await scriptedRegistry(layer)
    await assert.rejects(here.pull(`${server.host}/evil`), /failed to register layer: .*(outside|invalid hardlink)/)
    assert.deepEqual(here.disk(), clean)
  }
})

test('manifests that make no sense are refused', { skip }, async () => {
  for (const manifest of [
    '{}',
    'no json',
    '[]',
    '{"schemaVersion":2,"config":{"digest":"sha256:../..","size":1},"layers":[]}',
  ]) {
    await using here = openImages()
    await using server = await scriptedRegistry(Buffer.alloc(0), manifest)
    await assert.rejects(here.pull(`${server.host}/evil`))
    assert.deepEqual(here.disk(), clean)
  }
})

test('a disk that is full leaves nothing, and the same pull succeeds with more room', { skip }, async () => {
  await using registry = await startRegistry()
  pushImage(registry.host, 'big:latest', { layers: 3, files: 300, bytes: 40_000 })
  const dir = mkdtempSync('/var/tmp/full-')
  const mount = join(dir, 'mnt')
  execFileSync('sh', [
    '-c',
    `truncate -s 24M ${dir}/disk && mkfs.ext4 -q ${dir}/disk && mkdir ${mount} && mount -o loop ${dir}/disk ${mount}`,
  ])
  try {
    await using here = openImages(join(mount, 'root'))
    await assert.rejects(here.pull(`${registry.host}/big`), /no space left on device/)
    assert.deepEqual(here.disk(), clean)
    pushImage(registry.host, 'small:latest', { layers: 1 })
    await here.pull(`${registry.host}/small`)
  } finally {
    execFileSync('umount', [mount])
    rmSync(dir, { recursive: true })
  }
})

test('pulls of the same image at once download each layer once', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest', { layers: 4, files: 200 })
  pushImage(registry.host, 'app:more', { layers: 5, files: 200 })
  const gets: string[] = []
  await using proxy = await breakingProxy(registry.host, Number.POSITIVE_INFINITY, [], () => {}, gets)
  await Promise.all([
    here.pull(`${proxy.host}/app`),
    here.pull(`${proxy.host}/app`),
    here.pull(`${proxy.host}/app`, 'more'),
  ])
  const layers = gets.filter(url => url.includes('/blobs/'))
  const twice = layers.filter((url, i) => layers.indexOf(url) !== i)
  assert.ok(twice.length <= 2, `only configurations may come twice: ${twice}`)
  assert.equal(here.disk().layers, 5)
  assert.equal(here.disk().unfinished, 0)
})

interface TestServer extends AsyncDisposable {
  readonly host: string
}

async function listen(handler: http.RequestListener): Promise<TestServer> {
  const port = await freePort()
  const server = http.createServer(handler)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** In front of a registry: cuts the first answer for each larger blob after `bytes`. */
function breakingProxy(
  target: string,
  bytes: number,
  ranges: string[],
  onBreak = () => {},
  gets: string[] = [],
): Promise<TestServer> {
  const broken = new Set<string>()
  return listen((request, response) => {
    const { url = '', method, headers } = request
    if (method === 'GET') gets.push(url)
    if (headers.range) ranges.push(headers.range)
    const upstream = http.request(`http://${target}${url}`, { method: method!, headers }, answer => {
      response.writeHead(answer.statusCode!, answer.headers)
      const isLarge = url.includes('/blobs/') && Number(answer.headers['content-length']) > bytes && !broken.has(url)
      if (!isLarge) {
        answer.pipe(response)
        return
      }
      broken.add(url)
      let sent = 0
      answer.on('data', (chunk: Buffer) => {
        response.write(chunk.subarray(0, Math.max(0, bytes - sent)))
        sent += chunk.length
        if (sent < bytes) return
        answer.destroy()
        setTimeout(() => {
          onBreak()
          response.destroy()
        }, 50)
      })
    })
    upstream.on('error', () => response.destroy())
    request.pipe(upstream)
  })
}

/** A registry of one image with one layer. */
function scriptedRegistry(layer: Buffer, given?: string): Promise<TestServer> {
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digestOf(layer)] } }),
  )
  const type = 'application/vnd.docker.distribution.manifest.v2+json'
  const blob = (bytes: Buffer) => ({ mediaType: 'x/y', digest: digestOf(bytes), size: bytes.length })
  const manifest =
    given ?? JSON.stringify({ schemaVersion: 2, mediaType: type, config: blob(config), layers: [blob(layer)] })
  return listen(({ url = '' }, response) => {
    if (url.includes('/manifests/')) response.setHeader('Content-Type', type).end(manifest)
    else if (url.endsWith(hexOf(digestOf(layer)))) response.end(layer)
    else if (url.includes('/blobs/')) response.end(config)
    else response.end('{}')
  })
}
