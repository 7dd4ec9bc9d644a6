// What people do with dockerode, against the engine at SOCKET; IMAGE has a busybox in it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

const Docker = createRequire(`${process.env.MODULES}/`)('dockerode')
const docker = new Docker({ socketPath: process.env.SOCKET })
const Image = process.env.IMAGE

/** Collects what comes out of a multiplexed stream. */
function collect(stream) {
  const both = new PassThrough()
  const said = { text: '' }
  both.on('data', chunk => (said.text += chunk))
  docker.modem.demuxStream(stream, both, both)
  return said
}
const follow = stream =>
  new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, messages) => (error ? reject(error) : resolve(messages))),
  )

const out = new PassThrough()
let text = ''
out.on('data', chunk => (text += chunk))
const [result, ran] = await docker.run(Image, ['sh', '-c', 'echo hello; exit 4'], out)
assert.equal(result.StatusCode, 4)
assert.match(text, /hello/)
await ran.remove()

const streams = { AttachStdin: true, AttachStdout: true, AttachStderr: true }
const cat = await docker.createContainer({ Image, Cmd: ['cat'], OpenStdin: true, StdinOnce: true, ...streams })
const attached = await cat.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
const said = collect(attached)
await cat.start()
attached.write('typed\n')
attached.end()
assert.equal((await cat.wait()).StatusCode, 0)
await delay(200)
assert.equal(said.text, 'typed\n')
assert.ok((await cat.logs({ stdout: true, stderr: true })).includes('typed'))
await cat.remove()

const HostConfig = { PublishAllPorts: true, AutoRemove: true }
const box = await docker.createContainer({ Image, Cmd: ['sleep', '1000'], ExposedPorts: { '80/tcp': {} }, HostConfig })
await box.start()
const exec = await box.exec({ Cmd: ['sh', '-c', 'cat; echo done'], ...streams })
const piped = await exec.start({ hijack: true, stdin: true })
const answer = collect(piped)
piped.end('in\n')
await once(piped, 'end')
await delay(100)
assert.equal(answer.text, 'in\ndone\n')
assert.equal((await exec.inspect()).ExitCode, 0)

const shell = await box.exec({ Cmd: ['sh'], AttachStdin: true, AttachStdout: true, Tty: true })
const terminal = await shell.start({ hijack: true, stdin: true, Tty: true })
let screen = ''
terminal.on('data', chunk => (screen += chunk))
await shell.resize({ h: 30, w: 90 })
terminal.write('echo on a terminal\nexit\n')
await once(terminal, 'end')
assert.match(screen, /\non a terminal/)

assert.ok((await box.stats({ stream: false })).memory_stats)
assert.ok((await box.inspect()).NetworkSettings.Ports['80/tcp'][0].HostPort)
await box.putArchive(Readable.from([execFileSync('tar', ['-c', '-C', '/etc', 'hostname'])]), { path: '/' })
let bytes = 0
for await (const chunk of await box.getArchive({ path: '/hostname' })) bytes += chunk.length
assert.ok(bytes >= 1024)
const events = await docker.getEvents({ filters: { type: ['container'] } })
const first = once(events, 'data')
await box.kill()
assert.ok(JSON.parse((await first)[0].toString()).Action)
events.destroy()

await follow(
  await docker.buildImage(Readable.from([execFileSync('tar', ['-c', '-C', process.env.CONTEXT, '.'])]), {
    t: 'js-build',
  }),
)
await docker.getImage('js-build').remove()
const network = await docker.createNetwork({ Name: 'js-net' })
await network.remove()
await docker.createVolume({ Name: 'js-vol' })
await docker.getVolume('js-vol').remove()
await assert.rejects(docker.getContainer('nope').inspect(), { statusCode: 404 })
console.log('ok')
process.exit(0)
