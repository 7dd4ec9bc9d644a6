import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { after, before, describe, test } from 'node:test'
import { Lab } from '../engine/lab.ts'

const lab = new Lab()
const lan = `berth-lan-${process.pid}`
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'ignore' })
const isRoot = process.getuid?.() === 0

/** Why the kernel can have no such link; false when it can. */
function lacks(type: string, ...more: string[]): string | false {
  if (!isRoot) return 'needs root'
  const ns = `berth-try-${process.pid}`
  ip('netns', 'add', ns)
  try {
    ip('-n', ns, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two')
    ip('-n', ns, 'link', 'add', 'link', 'one', 'name', 'try', 'type', type, ...more)
    return false
  } catch {
    return `this kernel has no ${type}`
  } finally {
    ip('netns', 'del', ns)
  }
}

const without = { ipvlan: lacks('ipvlan'), vlan: lacks('vlan', 'id', '7'), dummy: lacks('dummy') }
const skip = without.ipvlan && without.vlan && without.dummy

const docker = (...args: string[]) => {
  const { code, out, err } = lab.docker(args)
  assert.equal(code, 0, `${args.join(' ')}: ${err}`)
  return out
}

/** A network, for as long as `work` takes. */
function network(args: readonly string[], work: () => void): void {
  docker('network', 'create', ...args, 'net')
  try {
    work()
  } finally {
    lab.docker(['rm', '-f', 'other'])
    docker('network', 'rm', 'net')
  }
}

const ping = (address: string) =>
  docker('run', '--rm', '--network', 'net', 'busybox', 'ping', '-c', '1', '-W', '5', address)
const hasLink = (name: string) => spawnSync('ip', ['-n', lab.netns, 'link', 'show', name]).status === 0

describe('links of containers on links of the host', { skip }, () => {
  before(async () => {
    await lab.start()
    lab.importBusybox()
    ip('netns', 'add', lan)
    ip('-n', lab.netns, 'link', 'add', 'wire0', 'type', 'veth', 'peer', 'name', 'wire1', 'netns', lan)
    ip('-n', lab.netns, 'addr', 'add', '10.66.0.2/24', 'dev', 'wire0')
    ip('-n', lab.netns, 'link', 'set', 'wire0', 'up')
    ip('-n', lan, 'addr', 'add', '10.66.0.1/24', 'dev', 'wire1')
    ip('-n', lan, 'link', 'set', 'wire1', 'up')
    ip('-n', lan, 'route', 'add', '10.68.0.0/24', 'via', '10.66.0.2')
    if (without.vlan) return
    ip('-n', lan, 'link', 'add', 'link', 'wire1', 'name', 'wire1.50', 'type', 'vlan', 'id', '50')
    ip('-n', lan, 'addr', 'add', '10.67.0.1/24', 'dev', 'wire1.50')
    ip('-n', lan, 'link', 'set', 'wire1.50', 'up')
  })
  after(async () => {
    await lab[Symbol.asyncDispose]()
    spawnSync('ip', ['netns', 'del', lan])
  })

  test('ipvlan l2 reaches the network of its parent', { skip: without.ipvlan }, () => {
    const args = ['-d', 'ipvlan', '--subnet', '10.66.0.0/24', '--ip-range', '10.66.0.128/25', '-o', 'parent=wire0']
    network(args, () => ping('10.66.0.1'))
  })

  test('ipvlan l3 is routed by its parent, which stays', { skip: without.ipvlan }, () => {
    const args = ['-d', 'ipvlan', '--subnet', '10.68.0.0/24', '-o', 'parent=wire0', '-o', 'ipvlan_mode=l3']
    network(args, () => {
      ping('10.66.0.1')
      const routes = docker('run', '--rm', '--network', 'net', 'busybox', 'ip', 'route')
      assert.match(routes, /^default dev eth0/m)
    })
    assert.ok(hasLink('wire0'))
  })

  for (const driver of ['macvlan', 'ipvlan'] as const) {
    const missing = without.vlan || (driver === 'ipvlan' && without.ipvlan)
    test(`a VLAN as the parent of ${driver} is made and goes with the network`, { skip: missing }, async () => {
      const args = ['-d', driver, '--subnet', '10.67.0.0/24', '--gateway', '10.67.0.1', '-o', 'parent=wire0.50']
      docker('network', 'create', ...args, 'net')
      assert.ok(hasLink('wire0.50'))
      ping('10.67.0.1')
      await lab.kill()
      await lab.start()
      ping('10.67.0.1')
      docker('network', 'rm', 'net')
      assert.ok(!hasLink('wire0.50'))
    })

    const noDummy = without.dummy || (driver === 'ipvlan' && without.ipvlan)
    test(`containers of ${driver} without a parent reach each other`, { skip: noDummy }, () => {
      network(['-d', driver, '--subnet', '10.69.0.0/24'], () => {
        docker('run', '-d', '--name', 'other', '--network', 'net', 'busybox', 'sleep', '100')
        const format = '{{.NetworkSettings.Networks.net.IPAddress}}'
        ping(docker('inspect', '-f', format, 'other').trim())
        ping('other')
      })
    })
  }
})
