import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { openSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { type DnsServer, openDns } from '../../../src/supervisor/dns/server.ts'
import { type Box, isInside, openLab } from './lab.ts'

const run = promisify(execFile)

if (isInside(import.meta.filename)) {
  const lab = openLab()
  const servers: DnsServer[] = []
  let asker: Box
  let web: Box
  // an upstream on the host that knows one name: it answers every question with NXDOMAIN but for its id
  const upstream = createSocket('udp4')
  before(async () => {
    await lab.networks.containers.recover(new Map())
    await lab.networks.verbs.create({ Name: 'blue', EnableIPv6: true })
    web = await lab.start('web', { endpoints: { blue: { Aliases: ['www'] } } })
    asker = await lab.start('asker', { endpoints: { blue: {} } })
    upstream.on('message', (data, { port, address }) => {
      const reply = Buffer.from(data)
      reply.writeUInt16BE(0x8183, 2)
      upstream.send(reply, port, address)
    })
    await new Promise<void>(resolve => upstream.bind(53, '127.0.0.99', resolve))
    const config = { ...asker.sandbox.dns!, upstreams: ['127.0.0.99'] }
    servers.push(openDns(openSync(`/proc/${asker.child.pid}/ns/net`, 'r'), config))
  })
  after(async () => {
    upstream.close()
    for (const server of servers) server.close()
    await lab.close()
  })
  const dig = async (...args: string[]) => {
    const all = [`--net=/proc/${asker.child.pid}/ns/net`, 'dig', '@127.0.0.11', '+tries=1', '+time=2', ...args]
    return (await run('nsenter', all)).stdout
  }

  test('names, aliases and full names resolve by UDP and TCP, in both families', async () => {
    const { IPAddress, GlobalIPv6Address } = web.sandbox.endpoints.blue!
    for (const name of ['web', 'www', 'WEB.blue', web.id.slice(0, 12)])
      assert.equal(await dig('+short', name), `${IPAddress}\n`)
    assert.equal(await dig('+short', '+tcp', 'web'), `${IPAddress}\n`)
    assert.equal(await dig('+short', 'web', 'AAAA'), `${GlobalIPv6Address}\n`)
    assert.equal(await dig('+short', '-x', IPAddress!), 'web.blue.\n')
    assert.equal(await dig('+short', '-x', GlobalIPv6Address!), 'web.blue.\n')
    assert.match(await dig('web'), /status: NOERROR[\s\S]*web\.\s+600\s+IN\s+A/)
  })

  test('what is not ours is asked of the upstream, from the namespace of the host', async () => {
    assert.match(await dig('nowhere.example'), /status: NXDOMAIN/)
  })

  test('an update counts at once', async () => {
    servers[0]!.update({ ...asker.sandbox.dns!, names: { moved: ['10.1.2.3'] }, internal: true })
    assert.equal(await dig('+short', 'moved'), '10.1.2.3\n')
    assert.match(await dig('web'), /status: SERVFAIL/)
  })
}
