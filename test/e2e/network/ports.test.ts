import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { askFrom, fetchFrom, isInside, openLab, outsideMachine, runIn } from './lab.ts'

const sctp = join(import.meta.dirname, 'sctp.py')

if (isInside(import.meta.filename)) {
  const lab = openLab()
  let outside = ''
  const nft = (...lines: readonly string[]) => {
    const { status, stderr } = spawnSync('nft', ['-f', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }
  before(async () => {
    outside = outsideMachine()
    await lab.networks.containers.recover(new Map())
    await lab.networks.verbs.create({ Name: 'dual', EnableIPv6: true })
    await delay(1500) // duplicate address detection of the new IPv6 addresses
  })
  after(() => lab.close())
  const publish = (port: string) => ({
    '80/tcp': [{ HostPort: port }],
    '80/udp': [{ HostPort: port }],
  })
  const everywhere = async (port: number) => ({
    tcp4: await fetchFrom(outside, '10.9.0.1', port),
    udp4: await askFrom(outside, '10.9.0.1', port),
    tcp6: await fetchFrom(outside, 'fd09::1', port),
    udp6: await askFrom(outside, 'fd09::1', port),
  })
  const kept = { tcp4: '10.9.0.2', udp4: '10.9.0.2', tcp6: 'fd09::2', udp6: 'fd09::2' }

  test('a port of a dual-stack container answers by both families with the client address kept', async () => {
    const web = await lab.start('web', { endpoints: { dual: {} }, portBindings: publish('8080') })
    await web.serve(80)
    await delay(1500)
    assert.deepEqual(await everywhere(8080), kept)
    const { Gateway, IPv6Gateway } = web.sandbox.endpoints.dual!
    assert.equal(await fetchFrom(undefined, '127.0.0.1', 8080), Gateway)
    assert.equal(await fetchFrom(undefined, '::1', 8080), IPv6Gateway)
    assert.equal(await askFrom(undefined, '::1', 8080), IPv6Gateway)
    const itself = `/proc/${web.child.pid}/ns/net`
    assert.equal(await fetchFrom(itself, '10.9.0.1', 8080), Gateway, 'hairpin')
    assert.equal(await fetchFrom(itself, 'fd09::1', 8080), IPv6Gateway, 'hairpin by IPv6')
    assert.deepEqual(web.sandbox.ports['80/tcp'], [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ])
    await web.stop()
  })

  test('a container without IPv6 is reached by IPv6 through a listener', async () => {
    const web = await lab.start('web4', { portBindings: publish('8081') })
    await web.serve(80)
    const seen = await everywhere(8081)
    assert.deepEqual(seen, { tcp4: '10.9.0.2', udp4: '10.9.0.2', tcp6: '172.17.0.1', udp6: '172.17.0.1' })
    assert.equal(await fetchFrom(undefined, '::1', 8081), '172.17.0.1')
    await web.stop()
    assert.equal(await fetchFrom(undefined, '::1', 8081), 'ECONNREFUSED')
  })

  test("the administrator's input and forward rules hold, by interface, address and port", async () => {
    const web = await lab.start('guarded', { endpoints: { dual: {} }, portBindings: publish('8082') })
    await web.serve(80)
    await delay(1500)
    const shut = { tcp4: 'TIMEOUT', udp4: 'TIMEOUT', tcp6: 'TIMEOUT', udp6: 'TIMEOUT' }
    const hook = (name: string) => `type filter hook ${name} priority 0; policy accept;`
    nft('table inet admin {', `chain c { ${hook('input')}`, 'iifname "out0" tcp dport 8082 drop', '}', '}')
    assert.deepEqual(await everywhere(8082), { ...kept, tcp4: 'TIMEOUT', tcp6: 'TIMEOUT' })
    nft('flush chain inet admin c', 'add rule inet admin c ip saddr 10.9.0.2 drop')
    assert.deepEqual(await everywhere(8082), { ...kept, tcp4: 'TIMEOUT', udp4: 'TIMEOUT' })
    nft('delete table inet admin')
    nft(
      'table inet admin {',
      'chain c {',
      'type filter hook input priority 0; policy drop;',
      'iifname "lo" accept',
      'ct state established accept',
      '}',
      '}',
    )
    assert.deepEqual(await everywhere(8082), shut, 'policy drop, as under ufw')
    assert.equal(await fetchFrom(undefined, '10.9.0.1', 8082), '10.9.0.1', 'the host itself is not asked')
    nft('add rule inet admin c tcp dport 8082 accept')
    assert.deepEqual(await everywhere(8082), { ...kept, udp4: 'TIMEOUT', udp6: 'TIMEOUT' })
    nft('delete table inet admin')
    nft('table inet admin {', `chain c { ${hook('forward')}`, 'iifname "out0" ct state new tcp dport 80 drop', '}', '}')
    assert.deepEqual(await everywhere(8082), { ...kept, tcp4: 'TIMEOUT', tcp6: 'TIMEOUT' })
    nft('delete table inet admin')
    assert.deepEqual(await everywhere(8082), kept)
    await web.stop()
  })

  test('rules come back by themselves after somebody flushed them, and nothing of others is touched', async () => {
    const web = await lab.start('flushed', { portBindings: publish('8083') })
    await web.serve(80)
    nft('flush ruleset', 'table inet mine {', 'chain c {', '}', '}')
    await delay(3000)
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8083), '10.9.0.2')
    assert.match(spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout, /table inet mine/)
    nft('flush table ip berth')
    await delay(3000)
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8083), '10.9.0.2')
    nft('delete table inet mine')
    await web.stop()
  })

  test('ranges, ephemeral ports and bound addresses', async () => {
    const first = await lab.start('range1', { portBindings: { '80/tcp': [{ HostPort: '8100-8102' }] } })
    const second = await lab.start('range2', {
      portBindings: { '80/tcp': [{ HostPort: '8100-8102' }, { HostIp: '127.0.0.1', HostPort: '' }] },
    })
    await second.serve(80)
    assert.equal(first.sandbox.ports['80/tcp']![0]!.HostPort, '8100')
    const [range, range6, local] = second.sandbox.ports['80/tcp']!
    assert.deepEqual([range!.HostPort, range6!.HostPort, local!.HostIp], ['8101', '8101', '127.0.0.1'])
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8101), '10.9.0.2')
    assert.equal(await fetchFrom(undefined, '127.0.0.1', Number(local!.HostPort)), '172.17.0.1')
    assert.equal(await fetchFrom(outside, '10.9.0.1', Number(local!.HostPort)), 'ECONNREFUSED')
    await first.stop()
    await second.stop()
  })

  test('a port that a program of the host has is refused in Docker words', async () => {
    for (const [host, port, shown] of [
      ['0.0.0.0', 8200, '0.0.0.0:8200'],
      ['::', 8201, '[::]:8201'],
    ] as const) {
      const server = createServer()
      await new Promise<void>(resolve => server.listen({ host, port, ipv6Only: true }, resolve))
      const text = `failed to bind host port for ${shown}:172.17.0.`
      await assert.rejects(
        lab.start('late', { portBindings: publish(String(port)) }),
        (error: Error) => error.message.includes(text) && error.message.endsWith(':80/tcp: address already in use'),
      )
      server.close()
    }
  })

  test('ports follow the gateway when networks come and go, and keep their number', async () => {
    await lab.networks.verbs.create({ Name: 'lane', IPAM: { Config: [{ Subnet: '10.78.0.0/24' }] } })
    const web = await lab.start('mover', { portBindings: { '80/tcp': [{}] } })
    await web.serve(80)
    const port = Number(web.sandbox.ports['80/tcp']![0]!.HostPort)
    assert.equal(await fetchFrom(outside, '10.9.0.1', port), '10.9.0.2')
    await lab.networks.verbs.connect('lane', 'mover', { GwPriority: 5 })
    assert.match(
      web.run("require('fs').readFileSync('/proc/net/route','utf8').split('\\n').forEach(l=>console.log(l))"),
      /eth1\s+00000000/,
    )
    assert.equal(await fetchFrom(outside, '10.9.0.1', port), '10.9.0.2')
    await lab.networks.verbs.disconnect('bridge', 'mover', false)
    assert.equal(await fetchFrom(outside, '10.9.0.1', port), '10.9.0.2')
    assert.equal(await fetchFrom(undefined, '::1', port), '10.78.0.1')
    assert.deepEqual(
      lab.saved.get(web.id)?.['80/tcp']?.map(({ HostPort }) => Number(HostPort)),
      [port, port],
    )
    await lab.networks.verbs.disconnect('lane', 'mover', false)
    assert.deepEqual(lab.saved.get(web.id), {})
    await web.stop()
  })

  test('gateway modes: routed is reached by its own address only on published ports', async () => {
    const mode = (value: string) => ({ 'com.docker.network.bridge.gateway_mode_ipv4': value })
    await lab.networks.verbs.create({ Name: 'routed', Options: mode('routed') })
    await lab.networks.verbs.create({ Name: 'open', Options: mode('nat-unprotected') })
    const routed = await lab.start('routed', {
      endpoints: { routed: {} },
      portBindings: { '80/tcp': [{ HostPort: '8300' }] },
    })
    const open = await lab.start('open', { endpoints: { open: {} } })
    for (const port of [80, 81]) await routed.serve(port)
    await open.serve(81)
    const address = routed.sandbox.endpoints.routed!.IPAddress!
    assert.equal(await fetchFrom(outside, address, 80), '10.9.0.2')
    assert.equal(await fetchFrom(outside, address, 81), 'TIMEOUT')
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8300), 'ECONNREFUSED')
    assert.deepEqual(routed.sandbox.ports['80/tcp']![0], { HostIp: '0.0.0.0', HostPort: '' })
    assert.equal(await fetchFrom(outside, open.sandbox.endpoints.open!.IPAddress!, 81), '10.9.0.2')
    await routed.stop()
    await open.stop()
  })

  test('an isolated network has no way to the host, neighbours reach each other', async () => {
    const Options = { 'com.docker.network.bridge.gateway_mode_ipv4': 'isolated' }
    await lab.networks.verbs.create({ Name: 'alone', Internal: true, Options })
    const [one, two] = [
      await lab.start('one', { endpoints: { alone: {} } }),
      await lab.start('two', { endpoints: { alone: {} } }),
    ]
    await one.serve(80)
    const address = one.sandbox.endpoints.alone!.IPAddress!
    assert.equal(await fetchFrom(`/proc/${two.child.pid}/ns/net`, address, 80), two.sandbox.endpoints.alone!.IPAddress)
    assert.notEqual(await fetchFrom(undefined, address, 80), two.sandbox.endpoints.alone!.IPAddress)
    const { stdout } = spawnSync('ip', ['-j', 'addr'], { encoding: 'utf8' })
    const subnet = address.split('.').slice(0, 2).join('.')
    assert.ok(!stdout.includes(`"local":"${subnet}.`), 'the bridge has no address')
    await one.stop()
    await two.stop()
  })

  test('SCTP: the first packet arrives translated, with its sender, and obeys the input rules', async () => {
    const web = await lab.start('sctp', { portBindings: { '80/sctp': [{ HostPort: '8500' }] } })
    const path = `/proc/${web.child.pid}/ns/net`
    const got = async () => {
      const listening = promisify(execFile)('nsenter', [`--net=${path}`, 'python3', sctp, 'listen'], { timeout: 9000 })
      // again and again: on a busy machine it takes a while until somebody listens
      let isHeard = false
      const heard = listening.finally(() => {
        isHeard = true
      })
      while (!isHeard) {
        await promisify(execFile)('nsenter', [`--net=${outside}`, 'python3', sctp, '10.9.0.1', '8500'])
        await delay(200)
      }
      return (await heard).stdout.trim()
    }
    assert.equal(await got(), '10.9.0.2 80')
    nft('table inet mine { chain i { type filter hook input priority 0; sctp dport 8500 drop; }; }')
    assert.equal(await got(), 'nothing')
    nft('delete table inet mine')
    await web.stop()
  })

  test('ports of a running container are opened and closed, and connections live on', async () => {
    const web = await lab.start('live', { portBindings: publish('8400') })
    await web.serve(80)
    await web.echo(90)
    const { containers } = lab.networks
    const opened = await containers.publish(web.id, {
      '80/tcp': [{ HostPort: '8401' }],
      '90/tcp': [{ HostPort: '8402' }],
    })
    assert.deepEqual(
      opened['80/tcp']?.map(({ HostPort }) => HostPort),
      ['8401', '8401'],
    )
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8401), '10.9.0.2')
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8400), 'ECONNREFUSED')
    const script = `const s=require('net').connect(8402,'10.9.0.1',()=>s.write('a'));let n=0;
      s.on('data',d=>{process.stdout.write(d);if(++n===1)setTimeout(()=>s.write('b'),1500);else s.end()});s.on('error',e=>console.log(e.code))`
    const talk = runIn(outside, script)
    await delay(700)
    await containers.publish(web.id, {})
    assert.equal(await talk, 'ab')
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8402), 'ECONNREFUSED')
    const other = await lab.start('other', { portBindings: publish('8403') })
    await assert.rejects(containers.publish(web.id, { '80/tcp': [{ HostPort: '8404' }, { HostPort: '8403' }] }), /8403/)
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8404), 'ECONNREFUSED')
    await web.stop()
    await other.stop()
  })
}
