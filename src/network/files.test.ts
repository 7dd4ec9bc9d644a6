import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatHosts, formatResolvConf, parseResolvConf } from './files.ts'

const none = { dns: [], dnsSearch: [], dnsOptions: [], embedded: false, ipv6: false }

test('/etc/hosts ends with the container itself', () => {
  const text = formatHosts({
    hostname: 'web',
    domainname: 'example.org',
    extraHosts: ['host.docker.internal:host-gateway', 'six:[::5]'],
    addresses: ['172.17.0.2'],
    links: [{ address: '172.17.0.3', names: ['db', 'database', 'abc'] }],
    hostGateways: ['172.17.0.1'],
    ipv6: false,
  })
  assert.equal(
    text,
    '127.0.0.1\tlocalhost\n172.17.0.1\thost.docker.internal\n::5\tsix\n172.17.0.3\tdb database abc\n172.17.0.2\tweb.example.org web\n',
  )
})

test('resolv.conf on the default bridge leaves out loopback servers', () => {
  const host = parseResolvConf('nameserver 127.0.0.1\nnameserver 9.9.9.9 # quad\nsearch lan\noptions edns0')
  const lines = formatResolvConf(none, host).split('\n')
  assert.deepEqual(lines.slice(4, 8), ['nameserver 9.9.9.9', 'search lan', 'options edns0', ''])
  assert.equal(lines[8], "# Based on host file: '/etc/resolv.conf' (legacy)")
  assert.match(
    formatResolvConf(none, parseResolvConf('nameserver ::1')),
    /nameserver 8\.8\.8\.8\nnameserver 8\.8\.4\.4\n/,
  )
})

test('resolv.conf with the embedded resolver names it alone', () => {
  const text = formatResolvConf(
    { ...none, embedded: true, dns: ['1.1.1.1'], dnsSearch: ['.'] },
    parseResolvConf('search lan'),
  )
  assert.match(text, /\nnameserver 127\.0\.0\.11\noptions ndots:0\n/)
  assert.match(text, /# ExtServers: \[1\.1\.1\.1\]\n# Overrides: \[nameservers search\]/)
})
