import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
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
lab.addFlags('--insecure-registry', 'plain:5000', '--insecure-registry', '10.1.0.0/16')
lab.addFlags('--default-address-pool', 'base=10.40.0.0/16,size=24')
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

test('info tells what was set and what is there', () => {
  const info = JSON.parse(lab.docker(['info', '-f', '{{json .}}']).out)
  assert.deepEqual(info.RegistryConfig.InsecureRegistryCIDRs, ['10.1.0.0/16', '::1/128', '127.0.0.0/8'])
  const plain = { Mirrors: [], Name: 'plain:5000', Official: false, Secure: false }
  assert.deepEqual(info.RegistryConfig.IndexConfigs['plain:5000'], plain)
  assert.deepEqual(info.DefaultAddressPools, [{ Base: '10.40.0.0/16', Size: 24 }])
  const name = spawnSync('stat', ['-f', '-c', '%T', lab.dir], { encoding: 'utf8' }).stdout.trim()
  assert.equal(info.DriverStatus[0][1], name === 'ext2/ext3' ? 'extfs' : name)
  assert.match(info.RuncCommit.ID, /\w/)
  assert.match(lab.docker(['version', '-f', '{{json .Server.Components}}']).out, /"Name":"(crun|runc)","Version":"\d/)
})
