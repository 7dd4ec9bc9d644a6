import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLab } from '../../test/suites/registry-lab.ts'

test('metrics count requests by method and status', async () => {
  const lab = openLab()
  lab.context.metrics.count('GET', 200, 0.5)
  lab.context.metrics.count('GET', 200, 0.25)
  lab.context.metrics.count('X"}', 405, 0)
  await lab.pushBlob('foo', 'x')
  const { text } = await lab.send('GET', '/metrics')
  assert.match(text, /^berth_registry_requests_total\{method="GET",code="200"\} 2$/m)
  assert.match(text, /^berth_registry_requests_total\{method="other",code="405"\} 1$/m)
  assert.match(text, /^berth_registry_request_seconds_total 0.75$/m)
  assert.match(text, /^berth_registry_repositories 1$/m)
})
