import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageOf } from '../base/errors.ts'
import { checkValues } from './check-values.ts'
import { helpText, ineffectiveKeys, loadConfig } from './config.ts'

const validate = (...flags: string[]): string => {
  try {
    checkValues(loadConfig(flags).values)
    return 'OK'
  } catch (error) {
    return messageOf(error)
  }
}

// `dockerd --help` of 28.5.2
const dockerFlags = `add-runtime allow-direct-routing authorization-plugin bip bip6 bridge cdi-spec-dir cgroup-parent
  config-file containerd containerd-namespace containerd-plugins-namespace cpu-rt-period cpu-rt-runtime cri-containerd
  data-root debug default-address-pool default-cgroupns-mode default-gateway default-gateway-v6 default-ipc-mode
  default-network-opt default-runtime default-shm-size default-ulimit dns dns-opt dns-search exec-opt exec-root
  experimental feature fixed-cidr fixed-cidr-v6 group help host host-gateway-ip http-proxy https-proxy icc init init-path
  insecure-registry ip ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6 label live-restore log-driver
  log-format log-level log-opt max-concurrent-downloads max-concurrent-uploads max-download-attempts metrics-addr mtu
  network-control-plane-mtu no-new-privileges no-proxy node-generic-resource pidfile raw-logs registry-mirror rootless
  seccomp-profile selinux-enabled shutdown-timeout storage-driver storage-opt swarm-default-advertise-addr tls tlscacert
  tlscert tlskey tlsverify userland-proxy userland-proxy-path userns-remap validate version`.split(/\s+/)

test('every flag of dockerd is known', () => {
  const known = new Set(Array.from(helpText().matchAll(/--([\w-]+)/g), ([, flag]) => flag!))
  assert.deepEqual(
    dockerFlags.filter(flag => !known.has(flag)),
    [],
  )
})

test('wrong values are told in Docker’s words', () => {
  assert.equal(validate('--exec-opt', 'a'), `invalid exec-opt (a): must be formatted 'opt=value'`)
  assert.equal(validate('--exec-opt', 'a=b'), `invalid exec-opt (a=b): unknown option: 'a'`)
  assert.equal(validate('--log-format', 'x'), 'invalid log format: x')
  assert.equal(validate('--mtu', '-1'), 'invalid default MTU: -1')
  assert.equal(validate('--max-download-attempts', '-1'), 'invalid max download attempts: -1')
  assert.match(
    validate('--default-network-opt', 'a'),
    /invalid value "a" for map option, should be root-key=key=value$/,
  )
  assert.match(validate('--feature', 'a=b'), /strconv.ParseBool: parsing "b": invalid syntax$/)
})

test('what cannot be left out is refused, the rest goes without', () => {
  assert.match(validate('--authorization-plugin', 'x'), /not supported/)
  assert.match(validate('--rootless'), /not supported/)
  assert.equal(validate('--containerd', '/run/x.sock', '--exec-opt', 'native.cgroupdriver=systemd', '--raw-logs'), 'OK')
})

test('what has no effect is named', () => {
  const { values } = loadConfig(['--containerd', '/x', '--raw-logs', '--network-control-plane-mtu', '9000', '--debug'])
  assert.deepEqual([...ineffectiveKeys(values)].sort(), ['containerd', 'network-control-plane-mtu', 'raw-logs'])
})
