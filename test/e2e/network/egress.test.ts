import assert from 'node:assert/strict'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { openDns } from '../../../src/supervisor/dns/server.ts'
import { fetchFrom, isInside, openLab, outsideMachine, runIn } from './lab.ts'

const server = (port: number) =>
  `require('net').createServer(s=>s.end('open')).listen(${port},'::',()=>console.log('up'))`
/** A name server that knows two names, both here, for a second. */
const names = `const s=require('dgram').createSocket('udp4');s.on('message',(q,r)=>{const known=/(allowed|other)/.test(q.toString('latin1'));
  const end=q.indexOf(0,12)+5;const head=Buffer.from(q.subarray(0,end));head.writeUInt16BE(known?0x8180:0x8183,2);head.writeUInt16BE(known?1:0,6);head.writeUInt16BE(0,10);
  s.send(Buffer.concat([head,...(known?[Buffer.from([0xc0,12,0,1,0,1,0,0,0,1,0,4,10,9,0,2])]:[])]),r.port,r.address)});s.bind(53,'10.9.0.2',()=>console.log('up'))`

if (isInside(import.meta.filename)) {
  describe('egress lists', () => {
    const lab = openLab()
    const outside = outsideMachine()
    const children: { kill(): boolean }[] = []
    const logs = (name: string) => join(lab.dir, `${name}-egress.log`)
    const start = (name: string, list: string | undefined, network = 'bridge') =>
      lab.start(name, { endpoints: { [network]: {} }, egress: { list, log: logs(name) }, dns: ['10.9.0.2'] })

    before(async () => {
      const { spawn } = await import('node:child_process')
      const { once } = await import('node:events')
      await lab.networks.containers.recover(new Map())
      for (const script of [server(80), server(81), names]) {
        const child = spawn('nsenter', [`--net=${outside}`, process.execPath, '-e', script], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        children.push(child)
        await once(child.stdout, 'data')
      }
    })
    after(async () => {
      for (const child of children) child.kill()
      await lab.close()
    })

    test('an address and port on the list is reached, nothing else, and refusals are written down', async () => {
      const box = await start('one', '10.9.0.2:80/tcp')
      const path = `/proc/${box.child.pid}/ns/net`
      assert.equal(await fetchFrom(path, '10.9.0.2', 80), 'open')
      assert.equal(await fetchFrom(path, '10.9.0.2', 81), 'ECONNREFUSED')
      assert.equal(await fetchFrom(path, '10.9.0.1', 22), 'ECONNREFUSED', 'the host')
      await delay(2500)
      const refused = readFileSync(logs('one'), 'utf8')
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      assert.deepEqual(refused.map(({ destination, port, protocol }) => `${protocol} ${destination} ${port}`).sort(), [
        'tcp 10.9.0.1 22',
        'tcp 10.9.0.2 81',
      ])
      await box.stop()
    })

    test('without a list everything is open, with an empty one nothing', async () => {
      const free = await start('free', undefined)
      const shut = await start('shut', '')
      assert.equal(await fetchFrom(`/proc/${free.child.pid}/ns/net`, '10.9.0.2', 81), 'open')
      assert.equal(await fetchFrom(`/proc/${shut.child.pid}/ns/net`, '10.9.0.2', 81), 'ECONNREFUSED')
      await shut.stop()
      await free.stop()
    })

    test('a name opens its address when it is asked for, other names are refused', async () => {
      const box = await start('named', 'allowed.example:80, *.below.example')
      const path = `/proc/${box.child.pid}/ns/net`
      const dns = openDns(openSync(path, 'r'), lab.networks.containers.dnsOf(box.id)!)
      const resolve = (name: string) =>
        runIn(
          path,
          `const d=new (require('dns').Resolver)();d.setServers(['127.0.0.11']);d.resolve4('${name}',(e,a)=>process.stdout.write(e?e.code:a.join()))`,
        )
      try {
        assert.equal(await fetchFrom(path, '10.9.0.2', 80), 'ECONNREFUSED', 'not asked yet')
        assert.equal(await resolve('other.example'), 'EREFUSED')
        assert.equal(await fetchFrom(path, '10.9.0.2', 80), 'ECONNREFUSED')
        assert.equal(await resolve('allowed.example'), '10.9.0.2')
        assert.equal(await fetchFrom(path, '10.9.0.2', 80), 'open')
        assert.equal(await fetchFrom(path, '10.9.0.2', 81), 'ECONNREFUSED', 'the name has one port')
        const other = await start('another', '') // rules are made anew, what is open stays
        assert.equal(await fetchFrom(path, '10.9.0.2', 80), 'open')
        await other.stop()
        assert.match(readFileSync(logs('named'), 'utf8'), /"name":"other.example"/)
      } finally {
        dns.close()
        await box.stop()
      }
    })

    test('the list of a network counts for everybody on it, and both must allow', async () => {
      const { networks } = lab
      await networks.verbs.create({ Name: 'blue', Labels: { 'berth.egress': '10.9.0.0/24:80' } })
      const plain = await start('plain', undefined, 'blue')
      const both = await start('both', '10.9.0.2:81', 'blue')
      const from = (box: { child: { pid?: number | undefined } }, port: number) =>
        fetchFrom(`/proc/${box.child.pid}/ns/net`, '10.9.0.2', port)
      assert.equal(await from(plain, 80), 'open')
      assert.equal(await from(plain, 81), 'ECONNREFUSED')
      assert.equal(await from(both, 80), 'ECONNREFUSED')
      assert.equal(await from(both, 81), 'ECONNREFUSED')
      await plain.serve(90)
      const neighbour = plain.sandbox.endpoints.blue!.IPAddress!
      assert.match(await fetchFrom(`/proc/${both.child.pid}/ns/net`, neighbour, 90), /^172/, 'neighbours are not asked')
      await both.stop()
      await plain.stop()
      await networks.verbs.remove('blue')
    })

    test('a list that says nothing, or that cannot be held, is refused', async () => {
      await assert.rejects(
        lab.networks.verbs.create({ Name: 'bad', Labels: { 'berth.egress': 'a:0' } }),
        /invalid entry "a:0"/,
      )
      await assert.rejects(start('host', 'a', 'host'), /needs bridge networks/)
    })
  })
}
