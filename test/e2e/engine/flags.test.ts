import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Lab } from './lab.ts'

const lab = new Lab([
  '--ipv6',
  '--bip6',
  'fd00:77::1/64',
  '--default-network-opt',
  'bridge=com.docker.network.driver.mtu=1400',
])
lab.addFlags('--containerd', '/run/none.sock', '--feature', 'buildkit=true')
after(() => lab[Symbol.asyncDispose]())

test('the default bridge has IPv6, and new networks the options of their driver', async () => {
  await lab.start()
  lab.importBusybox()
  const inspect = (name: string, format: string) => lab.docker(['network', 'inspect', '-f', format, name]).out.trim()
  assert.equal(inspect('bridge', '{{.EnableIPv6}} {{(index .IPAM.Config 1).Gateway}}'), 'true fd00:77::1')
  const script = 'ip -6 addr show eth0; ip -6 route; ping -6 -c 1 -W 2 fd00:77::1'
  const { out } = lab.docker(['run', '--rm', 'busybox', 'sh', '-c', script])
  assert.match(out, /inet6 fd00:77::\S+\/64 scope global/)
  assert.match(out, /default via fd00:77::1/)
  lab.docker(['network', 'create', 'plain'])
  lab.docker(['network', 'create', '-o', 'com.docker.network.driver.mtu=1300', 'own'])
  const mtu = '{{index .Options "com.docker.network.driver.mtu"}}'
  assert.deepEqual([inspect('plain', mtu), inspect('own', mtu)], ['1400', '1300'])
})
