import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fetchFrom, isInside, openLab } from './lab.ts'

if (isInside(import.meta.filename)) {
  describe('links where containers must not talk to each other', () => {
    const lab = openLab({ icc: false })
    before(() => lab.networks.containers.recover(new Map()))
    after(() => lab.close())

    test('open the ports of their target, and follow it to another address', async () => {
      const target = await lab.start('db')
      const other = await lab.start('other')
      for (const box of [target, other]) for (const port of [80, 81]) await box.serve(port)
      const linkTo = ({ sandbox }: typeof target) => ({
        address: sandbox.endpoints.bridge!.IPAddress!,
        names: ['db'],
        ports: [{ protocol: 'tcp' as const, port: 80 }],
      })
      const linking = await lab.start('web', { links: [linkTo(target)] })
      const from = (box: typeof target, to: typeof target, port: number) =>
        fetchFrom(`/proc/${box.child.pid}/ns/net`, linkTo(to).address, port)
      assert.match(await from(linking, target, 80), /^172/)
      assert.equal(await from(linking, target, 81), 'TIMEOUT')
      assert.equal(await from(linking, other, 80), 'TIMEOUT')
      assert.equal(await from(target, linking, 80), 'TIMEOUT')

      await lab.networks.containers.updateLinks(linking.id, [linkTo(other)])
      assert.match(await from(linking, other, 80), /^172/)
      assert.equal(await from(linking, target, 80), 'TIMEOUT')
      const hosts = readFileSync(lab.views.get(linking.id)!.files.hosts, 'utf8')
      assert.deepEqual(hosts.match(/.*\tdb$/gm), [`${linkTo(other).address}\tdb`])
    })
  })
}
