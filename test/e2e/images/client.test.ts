import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { Secret } from '../../../src/base/secret.ts'
import type { RegistryAuth } from '../../../src/spec/engine-api/engine.ts'
import { startOurs, temporaryDir } from '../registry/lab.ts'
import { first, forward, type Request, startFront } from './front.ts'
import { type Harness, openImages } from './harness.ts'
import { layerOf } from './multi-platform.ts'
import { pushImage, startRegistry } from './registry.ts'

const skip = process.getuid?.() === 0 ? false : 'needs root'

const ann: RegistryAuth = { username: 'ann', password: new Secret('open sesame') }
// bcrypt of the password above
const htpasswd = 'ann:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n'

/** An image that has one layer of `bytes` that do not compress. */
async function importImage({ images }: Harness, name: string, bytes: number): Promise<void> {
  const { tar } = layerOf('noise', randomBytes(bytes))
  await images.import(Readable.from([tar]), { repo: name, tag: 'latest', message: '', changes: [] }, () => {})
}

async function pullWith({ images }: Harness, fromImage: string, auth?: RegistryAuth): Promise<readonly string[]> {
  const said: string[] = []
  await images.pull({ fromImage, tag: 'latest', auth }, ({ status }) => status && said.push(status))
  return said
}

test('a registry that is busy is asked again when it says, one that stumbles a little later', { skip }, async () => {
  await using registry = await startRegistry()
  await using here = openImages()
  pushImage(registry.host, 'app:latest')
  const busy = first(1, /GET .*\/(manifests|blobs)\//, 429, { 'Retry-After': '1' })
  await using front = await startFront(registry.host, busy)
  const before = Date.now()
  const said = await pullWith(here, `${front.host}/app`)
  assert.ok(said.includes('Retrying in 1 second'))
  assert.ok(Date.now() - before >= 2000, 'a second for the manifest, one for the layers')

  const stumbling = first(2, /(POST|HEAD) .*\/blobs|PUT .*\/manifests/, 503)
  await using other = await startFront(registry.host, stumbling)
  await here.images.tag(`${front.host}/app`, `${other.host}/copy`, 'latest')
  await here.images.push(`${other.host}/copy`, { tag: 'latest' }, () => {})
  await pullWith(here, `${registry.host}/copy`)
  await using down = await startFront(registry.host, first(99, /./, 500))
  await assert.rejects(pullWith(here, `${down.host}/app`), /500|busy/)
})

test('a redirect to another host takes no credentials along', { skip }, async () => {
  await using registry = await startRegistry({ name: 'ann', htpasswd })
  const basic = `Basic ${Buffer.from('ann:open sesame').toString('base64')}`
  await using here = openImages()
  await importImage(here, `${registry.host}/app`, 10_000)
  await here.images.push(`${registry.host}/app`, { tag: 'latest', auth: ann }, () => {})
  const leaked: string[] = []
  await using storage = await startFront(registry.host, request => {
    leaked.push(...[request.headers.authorization, request.headers.cookie].filter(value => value !== undefined))
    request.headers.authorization = basic // the storage's own way to the bytes
    return false
  })
  await using front = await startFront(registry.host, ({ method, url }, response) => {
    if (method !== 'GET' || !url!.includes('/blobs/')) return false
    response.writeHead(307, { Location: `http://${storage.host}${url}?signature=x` }).end()
    return true
  })
  await using there = openImages()
  await pullWith(there, `${front.host}/app`, ann)
  assert.equal(storage.seen.length, 2, 'configuration and layer')
  assert.deepEqual(leaked, [])
})

for (const ours of [true, false])
  test(`an upload that breaks goes on where it broke, to ${ours ? 'our registry' : "Debian's"}`, { skip }, async () => {
    using dir = temporaryDir()
    await using registry = ours ? await startOurs(join(dir.path, 'root')) : await startRegistry()
    await using here = openImages()
    const size = 24 << 20
    const sent: { readonly length: number; readonly range: string | undefined }[] = []
    await using front = await startFront(registry.host, (request, response) => {
      if (request.method !== 'PATCH') return false
      sent.push({ length: Number(request.headers['content-length']), range: request.headers['content-range'] })
      if (sent.length > 1) return false
      cut(registry.host, request, 12 << 20, () => response.destroy())
      return true
    })
    await importImage(here, `${front.host}/app`, size)
    await here.images.push(`${front.host}/app`, { tag: 'latest' }, () => {})
    assert.equal(sent.length, 2)
    const [all, rest] = sent.map(({ length }) => length) as [number, number]
    // Debian's does not resume: all is sent again
    assert.ok(ours ? rest < all - (4 << 20) : rest === all, `sent again: ${rest} of ${all}`)
    assert.equal(sent[1]!.range, ours ? `${all - rest}-${all - 1}` : undefined)
    await using there = openImages()
    await pullWith(there, `${registry.host}/app`)
  })

/** Lets so many bytes through, and breaks both connections. */
function cut(target: string, request: Request, bytes: number, done: () => void): void {
  const { method, url, headers } = request
  const upstream = http.request(`http://${target}${url}`, { method: method!, headers, agent: false })
  upstream.on('error', () => {})
  let passed = 0
  request.on('data', (chunk: Buffer) => {
    if (passed < bytes) upstream.write(chunk)
    const before = passed
    passed += chunk.length
    if (before < bytes && passed >= bytes)
      setTimeout(() => {
        upstream.destroy()
        done()
      }, 300)
  })
}

test('mirrors are asked first: for Docker Hub, and as hosts.toml says', { skip }, async () => {
  await using registry = await startRegistry()
  pushImage(registry.host, 'library/app:latest', { layers: 1 })
  const certs = mkdtempSync('/var/tmp/certs-')
  try {
    await using front = await startFront(registry.host, () => false)
    await using here = openImages(undefined, { proxyEnv: {}, mirrors: [`http://${front.host}`], certsDirs: [certs] })
    await pullWith(here, 'app')
    assert.ok(front.seen.some(line => line === 'GET /v2/library/app/manifests/latest'))
    assert.deepEqual((await here.images.inspect('app')).RepoTags, ['app:latest'])

    mkdirSync(join(certs, 'registry.test:5000'))
    const toml = `server = "http://127.0.0.1:1"\n[host."http://${front.host}"]\ncapabilities = ["pull", "resolve"]\n`
    writeFileSync(join(certs, 'registry.test:5000/hosts.toml'), toml)
    await pullWith(here, 'registry.test:5000/library/app')
    await assert.rejects(
      here.images.push('registry.test:5000/library/app', { tag: 'latest' }, () => {}),
      /127.0.0.1:1/,
      'a mirror that may only be pulled from is not pushed to',
    )
  } finally {
    rmSync(certs, { recursive: true })
  }
})

test('an own authority and a client certificate open what is closed without', { skip }, async () => {
  await using registry = await startRegistry()
  pushImage(registry.host, 'app:latest', { layers: 1 })
  const certs = mkdtempSync('/var/tmp/certs-')
  try {
    const script = `
      openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout ca.key -out ca.crt -subj /CN=authority
      for who in server client; do
        openssl req -newkey rsa:2048 -nodes -keyout $who.key -out $who.csr -subj /CN=$who
        printf 'subjectAltName=DNS:closed.test' > $who.ext
        openssl x509 -req -in $who.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out $who.pem -extfile $who.ext
      done`
    execFileSync('sh', ['-ec', script], { cwd: certs, stdio: 'ignore' })
    const read = (name: string) => readFileSync(join(certs, name))
    const tls = {
      key: read('server.key'),
      cert: read('server.pem'),
      ca: read('ca.crt'),
      requestCert: true,
      rejectUnauthorized: true,
    }
    await using front = await startFront(registry.host, () => false, tls)
    await using proxy = await startTunnel(front.host)
    const name = 'closed.test:5000' // loopback addresses may do without certificates
    await using here = openImages(undefined, { proxyEnv: { HTTPS_PROXY: proxy.url }, certsDirs: [join(certs, 'd')] })
    await assert.rejects(pullWith(here, `${name}/app`), /certificate/i)
    const dir = join(certs, 'd', name)
    mkdirSync(dir, { recursive: true })
    for (const [from, to] of [
      ['ca.crt', 'ca.crt'],
      ['client.pem', 'client.cert'],
      ['client.key', 'client.key'],
    ] as const)
      writeFileSync(join(dir, to), read(from))
    await pullWith(here, `${name}/app`)
  } finally {
    rmSync(certs, { recursive: true })
  }
})

test('proxies are used, for TLS as well, but not for what NO_PROXY names', { skip }, async () => {
  await using registry = await startRegistry()
  pushImage(registry.host, 'app:latest', { layers: 1 })
  await using proxy = await startTunnel(registry.host)
  const { asked, url } = proxy
  const proxyEnv = { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '127.0.0.1' }
  await using here = openImages(undefined, { proxyEnv, insecureRegistries: ['registry.test:5000'] })
  await pullWith(here, 'registry.test:5000/app')
  assert.ok(asked.includes('GET registry.test:5000'))
  assert.ok(asked.includes('CONNECT registry.test:5000'), 'TLS is tried first')
  asked.length = 0
  await pullWith(here, `${registry.host}/app`)
  assert.deepEqual(asked, [])
})

/** A proxy behind which every name is `target`. */
async function startTunnel(target: string) {
  const asked: string[] = []
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${new URL(request.url!).host}`)
    request.url = new URL(request.url!).pathname
    forward(target, request, response)
  })
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`)
    const [host, port] = target.split(':')
    const upstream = connect(Number(port), host!, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
    upstream.pipe(socket).pipe(upstream)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  return {
    asked,
    url: `http://127.0.0.1:${(proxy.address() as { port: number }).port}`,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections()
      proxy.close()
    },
  }
}

test('an identity token buys access tokens, and buys another when one has expired', { skip }, async () => {
  await using registry = await startRegistry()
  pushImage(registry.host, 'app:latest', { layers: 2 })
  const forms: URLSearchParams[] = []
  await using issuer = await startFront(registry.host, (request, response) => {
    void request
      .setEncoding('utf8')
      .toArray()
      .then(body => {
        forms.push(new URLSearchParams(body.join('')))
        response.end(JSON.stringify({ access_token: `token-${forms.length}`, expires_in: 300 }))
      })
    return true
  })
  let served = 0
  await using front = await startFront(registry.host, ({ headers, url }, response) => {
    // the first token is worth three requests
    const wanted = served < 3 ? 'Bearer token-1' : 'Bearer token-2'
    if (headers.authorization === wanted) {
      served++
      delete headers.authorization
      return false
    }
    const scope = url === '/v2/' ? '' : ',scope="repository:app:pull"'
    response
      .writeHead(401, { 'WWW-Authenticate': `Bearer realm="http://${issuer.host}/token",service="s"${scope}` })
      .end()
    return true
  })
  await using here = openImages()
  await pullWith(here, `${front.host}/app`, { identityToken: new Secret('refresh me') })
  assert.equal(forms.length, 2)
  for (const form of forms) {
    assert.equal(form.get('grant_type'), 'refresh_token')
    assert.equal(form.get('refresh_token'), 'refresh me')
    assert.equal(form.get('service'), 's')
    assert.equal(form.get('scope'), 'repository:app:pull')
  }
  await assert.rejects(
    pullWith(here, `${front.host}/app`, { registryToken: new Secret('stale') }),
    /pull access denied/,
  )
})

test('a registry may mislabel what it has', { skip }, async () => {
  await using registry = await startRegistry()
  pushImage(registry.host, 'app:latest', { layers: 1 })
  for (const type of ['text/plain', 'application/json; charset=utf-8', 'application/octet-stream', '']) {
    await using front = await startFront(registry.host, (request, response) => {
      forward(registry.host, request, response, headers => ({ ...headers, 'content-type': type }))
      return true
    })
    await using here = openImages()
    await pullWith(here, `${front.host}/app`)
  }
})
