import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { endpointsOf } from './endpoints.ts'
import { parseHosts } from './hosts.ts'

test('hosts.toml names where to ask first; those that cannot push are mirrors', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hosts-'))
  try {
    mkdirSync(join(dir, 'docker.io'))
    writeFileSync(join(dir, 'docker.io', 'ca.pem'), 'CA')
    const text = `[host."https://mirror.example/v2/cache"]
  capabilities = ["pull", "resolve"]
  ca = "ca.pem"
  skip_verify = true
[host."http://10.0.0.1:5000"]
`
    writeFileSync(join(dir, 'docker.io', 'hosts.toml'), text)
    const { hosts } = parseHosts(text, join(dir, 'docker.io'))
    assert.deepEqual(hosts[0]?.tls, { skipVerify: true, certificates: { ca: ['CA'] } })
    const found = endpointsOf('docker.io', { certsDirs: [dir], mirrors: ['https://unused'] })
    assert.deepEqual(
      found.map(({ base, isMirror }) => [base, isMirror]),
      [
        ['https://mirror.example/v2/cache', true],
        ['http://10.0.0.1:5000', false],
        ['https://registry-1.docker.io', false],
      ],
    )
    assert.equal(endpointsOf('other', { certsDirs: [dir] })[0]?.base, 'https://other')
    writeFileSync(join(dir, 'docker.io', 'hosts.toml'), 'x = ')
    assert.throws(() => endpointsOf('docker.io', { certsDirs: [dir] }), /hosts\.toml: /)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
