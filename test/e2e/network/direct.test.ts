import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { fetchFrom, isInside, openLab, outsideMachine } from './lab.ts'

if (isInside(import.meta.filename)) {
  // --published-ports=direct
  const lab = openLab({ obeyInputRules: false })
  let outside = ''
  before(async () => {
    outside = outsideMachine()
    await lab.networks.containers.recover(new Map())
  })
  after(() => lab.close())

  test('ports published in Docker’s way pass by the input rules, forward rules hold', async () => {
    const web = await lab.start('web', { portBindings: { '80/tcp': [{ HostPort: '8080' }] } })
    await web.serve(80)
    const nft = (input: string) => assert.equal(spawnSync('nft', ['-f', '-'], { input }).status, 0)
    nft('table inet mine { chain i { type filter hook input priority 0; policy drop; }; }')
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8080), '10.9.0.2')
    nft('table inet mine { chain f { type filter hook forward priority 0; policy drop; }; }')
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8080), 'TIMEOUT')
    nft('delete table inet mine')
    assert.equal(await fetchFrom(outside, '10.9.0.1', 8080), '10.9.0.2')
    await web.stop()
  })
}
