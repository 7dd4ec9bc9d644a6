import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fetchFrom, isInside, openLab, outsideMachine } from './lab.ts'

if (isInside(import.meta.filename)) {
  const lab = openLab()
  let outside = ''
  before(async () => {
    outside = outsideMachine()
    await lab.networks.containers.recover(new Map())
  })
  after(() => lab.close())
  const pathOf = (pid: number | undefined) => `/proc/${pid}/ns/net`

  test('a published port answers from everywhere and keeps the client address', async () => {
    const web = await lab.start('web', { exposedPorts: ['80/tcp'], portBindings: { '80/tcp': [{ HostPort: '8080' }] } })
    const other = await lab.start('other')
    await web.serve(80)
    await web.serve(81)
    const own = web.sandbox.endpoints.bridge!.IPAddress!
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8080), '10.9.0.2', 'from another machine')
    assert.match(await fetchFrom(undefined, '127.0.0.1', 8080), /^172\.17\.0\.1$/, 'from loopback')
    assert.match(await fetchFrom(undefined, '10.9.0.1', 8080), /^(10\.9\.0\.1|172\.17\.0\.1)$/, 'from the host')
    assert.match(await fetchFrom(pathOf(other.child.pid), '10.9.0.1', 8080), /^172\.17\.0\.1$/, 'from a neighbour')
    assert.match(await fetchFrom(pathOf(web.child.pid), '10.9.0.1', 8080), /^172\.17\.0\.1$/, 'from itself')
    assert.equal(
      await fetchFrom(pathOf(other.child.pid), own, 81),
      other.sandbox.endpoints.bridge!.IPAddress,
      'neighbour, direct',
    )
    assert.equal(await fetchFrom(undefined, own, 81), '172.17.0.1', 'host, direct')
    assert.deepEqual(web.sandbox.ports, {
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
    })
    await web.stop()
    await other.stop()
  })

  test('an unpublished port is closed to other machines that route to the container', async () => {
    const box = await lab.start('closed')
    await box.serve(80)
    assert.equal(await fetchFrom(outside, box.sandbox.endpoints.bridge!.IPAddress!, 80), 'TIMEOUT')
    await box.stop()
  })

  test('a taken port fails with Docker text and leaves nothing behind', async () => {
    const portBindings = { '80/tcp': [{ HostPort: '8081' }] }
    const first = await lab.start('first', { portBindings })
    await assert.rejects(
      lab.start('second', { portBindings }),
      /^EngineError: driver failed programming external connectivity on endpoint second \([0-9a-f]{64}\): Bind for 0\.0\.0\.0:8081 failed: port is already allocated$/,
    )
    const third = await lab.start('third')
    await first.stop()
    const fourth = await lab.start('fourth', { portBindings })
    await third.stop()
    await fourth.stop()
  })

  test('networks are apart, internal ones lead nowhere, and icc=false separates neighbours', async () => {
    const { verbs } = lab.networks
    await verbs.create({ Name: 'blue' })
    await verbs.create({ Name: 'vault', Internal: true })
    await verbs.create({ Name: 'quiet', Options: { 'com.docker.network.bridge.enable_icc': 'false' } })
    const on = (name: string, network: string) => lab.start(name, { endpoints: { [network]: {} } })
    const ip = (box: Awaited<ReturnType<typeof on>>, network: string) => box.sandbox.endpoints[network]!.IPAddress!
    const [red, blue, vault, mate, q1, q2] = [
      await lab.start('red'),
      await on('blue1', 'blue'),
      await on('vault1', 'vault'),
      await on('vault2', 'vault'),
      await on('q1', 'quiet'),
      await on('q2', 'quiet'),
    ]
    for (const box of [red, blue, vault, q1]) await box.serve(80)
    assert.equal(await fetchFrom(pathOf(red.child.pid), ip(blue, 'blue'), 80), 'TIMEOUT', 'bridge to bridge')
    assert.equal(
      await fetchFrom(pathOf(mate.child.pid), ip(vault, 'vault'), 80),
      ip(mate, 'vault'),
      'inside an internal network',
    )
    assert.match(
      await fetchFrom(pathOf(vault.child.pid), ip(red, 'bridge'), 80),
      /TIMEOUT|ENETUNREACH/,
      'out of an internal network',
    )
    assert.match(await fetchFrom(pathOf(q2.child.pid), ip(q1, 'quiet'), 80), /TIMEOUT|EHOSTUNREACH/, 'icc off')
    for (const box of [red, blue, vault, mate, q1, q2]) await box.stop()
    for (const name of ['blue', 'vault', 'quiet']) await verbs.remove(name)
  })

  test('connect and disconnect change a running container, and its neighbours hear of the name', async () => {
    const { verbs, containers } = lab.networks
    await verbs.create({ Name: 'green', IPAM: { Config: [{ Subnet: '10.77.0.0/24' }] }, EnableIPv6: true })
    const server = await lab.start('server', { endpoints: { green: { IPAMConfig: { IPv4Address: '10.77.0.9' } } } })
    const mover = await lab.start('mover')
    await server.serve(80)
    const changed: string[] = []
    containers.onDnsChange(id => changed.push(id))
    await verbs.connect('green', 'mover', { Aliases: ['m'] })
    assert.deepEqual(containers.dnsOf(server.id)?.names['m.green']?.[0], '10.77.0.2')
    assert.ok(changed.includes(server.id))
    assert.equal(await fetchFrom(pathOf(mover.child.pid), '10.77.0.9', 80), '10.77.0.2')
    const v6 = server.sandbox.endpoints.green!.GlobalIPv6Address!
    assert.match(v6, /^fd/)
    assert.match(await fetchFrom(pathOf(mover.child.pid), v6, 80), /^fd/)
    assert.deepEqual(Object.keys((await verbs.inspect('green')).Containers!).length, 2)
    await assert.rejects(
      verbs.connect('green', 'mover', {}),
      /endpoint with name mover already exists in network green/,
    )
    await assert.rejects(verbs.remove('green'), /network green has active endpoints/)
    await verbs.disconnect('green', 'mover', false)
    assert.match(await fetchFrom(pathOf(mover.child.pid), '10.77.0.9', 80), /TIMEOUT|ENETUNREACH/)
    await server.stop()
    await mover.stop()
    await verbs.remove('green')
  })

  test('a new engine finds running containers, and ports still answer after nftables was flushed', async () => {
    const web = await lab.start('lasting', { portBindings: { '80/tcp': [{ HostPort: '8090' }] } })
    await web.serve(80)
    const ids = (await lab.networks.verbs.list(new Map())).map(({ Id }) => Id).sort()
    spawnSync('nft', ['flush', 'ruleset'])
    lab.reopen()
    await lab.networks.containers.recover(new Map([[web.id, web.child.pid!]]))
    assert.deepEqual((await lab.networks.verbs.list(new Map())).map(({ Id }) => Id).sort(), ids)
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8090), '10.9.0.2')
    const fresh = await lab.start('fresh')
    assert.notEqual(fresh.sandbox.endpoints.bridge!.IPAddress, web.sandbox.endpoints.bridge!.IPAddress)
    await fresh.stop()
    await web.stop()
  })

  test('macvlan reaches what is on its parent link; a kernel without ipvlan is named', async () => {
    const { verbs } = lab.networks
    spawnSync('ip', ['link', 'add', 'par0', 'type', 'veth', 'peer', 'name', 'par1'])
    for (const name of ['par0', 'par1']) spawnSync('ip', ['link', 'set', name, 'up'])
    spawnSync('ip', ['addr', 'add', '10.66.0.1/24', 'dev', 'par1'])
    const IPAM = { Config: [{ Subnet: '10.66.0.0/24', Gateway: '10.66.0.1' }] }
    await verbs.create({ Name: 'mac', Driver: 'macvlan', IPAM, Options: { parent: 'par0' } })
    const box = await lab.start('macbox', { endpoints: { mac: {} } })
    await box.serve(80)
    assert.equal(await fetchFrom(undefined, box.sandbox.endpoints.mac!.IPAddress!, 80), '10.66.0.1')
    await box.stop()
    const other = { Config: [{ Subnet: '10.67.0.0/24' }] }
    await verbs.create({ Name: 'ipv', Driver: 'ipvlan', IPAM: other, Options: { parent: 'par0' } })
    const outcome = await lab.start('ipbox', { endpoints: { ipv: {} } }).then(
      made => made.stop(),
      (error: Error) => error.message,
    )
    if (outcome) assert.equal(outcome, 'network ipv: this kernel has no module "ipvlan"')
    for (const name of ['mac', 'ipv']) await verbs.remove(name)
  })

  test('the hundredth network is made as fast as the first', async () => {
    const { verbs } = lab.networks
    const times: number[] = []
    const pools = (i: number) => ({ Config: [{ Subnet: `10.${100 + Math.floor(i / 250)}.${i % 250}.0/24` }] })
    for (let i = 0; i < 100; i++) {
      const begin = performance.now()
      await verbs.create({ Name: `many${i}`, IPAM: pools(i) })
      times.push(performance.now() - begin)
    }
    const median = (part: readonly number[]) => part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)]!
    const [first, last] = [median(times.slice(0, 20)), median(times.slice(-20))]
    console.log(JSON.stringify({ networkCreateMs: { first, last } }))
    for (let i = 0; i < 100; i++) await verbs.remove(`many${i}`)
    assert.ok(last < first * 3 + 2)
  })

  test('attach and detach take milliseconds', async () => {
    const times: number[][] = []
    for (let i = 0; i < 20; i++) {
      const containerId = String(i).padStart(64, '0')
      const request = {
        containerId,
        name: `n${i}`,
        hostname: 'h',
        domainname: '',
        endpoints: { bridge: {} },
        exposedPorts: [],
        portBindings: {},
        publishAllPorts: false,
        dns: [],
        dnsSearch: [],
        dnsOptions: [],
        extraHosts: [],
        sysctls: {},
        links: [],
      }
      const begin = performance.now()
      await lab.networks.containers.attach(request)
      const middle = performance.now()
      await lab.networks.containers.detach(containerId)
      times.push([middle - begin, performance.now() - middle])
    }
    const median = (index: number) => times.map(row => row[index]!).sort((a, b) => a - b)[10]!
    console.log(JSON.stringify({ attachMs: median(0), detachMs: median(1) }))
    assert.ok(median(0) < 20)
  })
}
