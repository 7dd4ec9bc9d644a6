import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { type Lab, openLab, sha256 } from '../../test/suites/registry-lab.ts'
import { dispatch } from './dispatch.ts'
import { collectGarbage } from './gc.ts'
import { Upstreams } from './upstreams.ts'

interface Origin extends Disposable {
  readonly lab: Lab
  readonly host: string
  readonly asked: string[]
  status: number | undefined
}

/** A registry on a socket, whose answers can be spoiled. */
async function openOrigin(): Promise<Origin> {
  const lab = openLab()
  const server: Server = createServer(async (req, res) => {
    origin.asked.push(`${req.method} ${req.url}`)
    if (origin.status !== undefined && req.url !== '/v2/')
      return void res.writeHead(origin.status, { 'Retry-After': '0' }).end()
    const { method = '', url = '', headers } = req
    const reply = await dispatch(lab.context, { method, url, headers, body: req, from: '::1' })
    res.writeHead(reply.status, reply.headers as Record<string, string>)
    if (typeof reply.body === 'function') await reply.body(res)
    res.end(typeof reply.body === 'function' || method === 'HEAD' ? undefined : reply.body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  const origin: Origin = { lab, host, asked: [], status: undefined, [Symbol.dispose]: close }
  return origin
}

test('what is asked for is fetched once, checked again after a while, and served when the upstream is not', async () => {
  using origin = await openOrigin()
  const first = await origin.lab.pushImage('team/app', '1', 'one')
  const lab = openLab({ upstreams: new Upstreams([{ prefix: 'far', registry: origin.host, ttlSeconds: 10 }]) })
  const manifest = (reference: string) => lab.send('GET', `/v2/far/team/app/manifests/${reference}`)
  const blob = () => lab.send('GET', `/v2/far/team/app/blobs/${sha256('layer of one')}`)

  assert.equal((await manifest('1')).headers['Docker-Content-Digest'], first.digest)
  const head = await lab.send('HEAD', `/v2/far/team/app/blobs/${sha256('layer of one')}`)
  assert.equal(head.headers['Content-Length'], 12)
  assert.deepEqual(
    (await Promise.all([blob(), blob()])).map(({ text }) => text),
    ['layer of one', 'layer of one'],
  )
  assert.equal((await blob()).text, 'layer of one')
  assert.equal(origin.asked.filter(line => line.includes(sha256('layer of one'))).length, 1)
  const count = origin.asked.length
  await manifest('1')
  await manifest(first.digest)
  assert.equal(origin.asked.length, count, 'fresh: nobody is asked')

  const second = await origin.lab.pushImage('team/app', '1', 'two')
  lab.clock += 11_000
  assert.equal((await manifest('1')).headers['Docker-Content-Digest'], second.digest)
  lab.clock += 11_000
  origin.status = 429
  assert.equal((await manifest('1')).headers['Docker-Content-Digest'], second.digest)
  origin[Symbol.dispose]()
  lab.clock += 100_000
  assert.equal((await manifest('1')).headers['Docker-Content-Digest'], second.digest)
  assert.equal((await blob()).text, 'layer of one')
  assert.deepEqual((await manifest('2')).status, 502)
})

test('a copy cannot be pushed to; the same instance takes pushes elsewhere; a tag that is gone is gone', async () => {
  using origin = await openOrigin()
  await origin.lab.pushImage('app', '1', 'one')
  const lab = openLab({ upstreams: new Upstreams([{ prefix: 'far', registry: origin.host, ttlSeconds: 0 }]) })
  assert.equal((await lab.send('POST', '/v2/far/app/blobs/uploads/')).code, 'DENIED')
  await lab.pushImage('own/app', '1', 'mine')
  assert.equal((await lab.send('GET', '/v2/far/app/manifests/1')).status, 200)
  assert.equal(JSON.parse((await lab.send('GET', '/v2/far/app/tags/list')).text).tags[0], '1')
  assert.equal((await lab.send('GET', '/v2/far/app/manifests/2')).code, 'MANIFEST_UNKNOWN')
  assert.equal((await lab.send('GET', `/v2/far/app/blobs/${sha256('other')}`)).code, 'BLOB_UNKNOWN')
  await origin.lab.send('DELETE', '/v2/app/manifests/1')
  lab.clock += 1000
  assert.equal((await lab.send('GET', '/v2/far/app/manifests/1')).code, 'MANIFEST_UNKNOWN')
})

test('an upstream without prefix serves what nobody pushed; copies that rest go', async () => {
  using origin = await openOrigin()
  await origin.lab.pushImage('app', '1', 'one')
  const lab = openLab({ upstreams: new Upstreams([{ prefix: '', registry: origin.host }]) })
  const own = await lab.pushImage('mine', '1', 'mine')
  assert.equal((await lab.send('GET', '/v2/mine/manifests/1')).headers['Docker-Content-Digest'], own.digest)
  assert.equal((await lab.send('GET', '/v2/app/manifests/1')).status, 200)
  await lab.send('GET', `/v2/app/blobs/${sha256('layer of one')}`)
  lab.clock += 1000_000
  await collectGarbage(lab.context, { graceMillis: 1000, copyMillis: 500_000 })
  assert.equal(lab.context.repositories.get('app'), undefined)
  assert.equal((await lab.send('GET', '/v2/mine/manifests/1')).status, 200)
})
