// What people do with Testcontainers, against the engine that DOCKER_HOST names; IMAGE has a busybox in it.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'

const { GenericContainer, Network, Wait } = createRequire(`${process.env.MODULES}/`)('testcontainers')
const image = process.env.IMAGE

const network = await new Network().start()
const web = await new GenericContainer(image)
  .withNetwork(network)
  .withNetworkAliases('web')
  .withExposedPorts(80)
  .withEnvironment({ A: 'b' })
  .withCopyContentToContainer([{ content: 'hello\n', target: '/site/index.html' }])
  .withCommand(['sh', '-c', 'echo ready; exec httpd -f -p 80 -h /site'])
  .withHealthCheck({ test: ['CMD-SHELL', 'true'], interval: 1000, timeout: 3000, retries: 5, startPeriod: 0 })
  .withWaitStrategy(Wait.forAll([Wait.forLogMessage('ready'), Wait.forHttp('/', 80), Wait.forHealthCheck()]))
  .withStartupTimeout(30_000)
  .start()
const page = await fetch(`http://${web.getHost()}:${web.getMappedPort(80)}/`)
assert.equal(await page.text(), 'hello\n')
const { exitCode, output } = await web.exec(['sh', '-c', 'echo $A; exit 3'])
assert.deepEqual([exitCode, output], [3, 'b\n'])
const other = await new GenericContainer(image)
  .withNetwork(network)
  .withCommand(['sh', '-c', 'wget -qO- http://web/; exec sleep 100'])
  .withWaitStrategy(Wait.forLogMessage('hello'))
  .start()
await other.restart()
await other.stop()
await web.stop()
await network.stop()
console.log('ok')
process.exit(0)
