// Times `run --rm` and `exec` by raw API over one kept connection, ours and a peer's in turn; one JSON line each.
import { agents, call, compare, idOf, image, ours, peer } from './measure.ts'

async function runOnce(socket: string): Promise<void> {
  const id = idOf(await call(socket, 'POST', '/containers/create', { Image: image, Cmd: ['true'] }))
  await call(socket, 'POST', `/containers/${id}/start`)
  await call(socket, 'POST', `/containers/${id}/wait`)
  await call(socket, 'DELETE', `/containers/${id}`)
}

async function execOnce(socket: string, container: string): Promise<void> {
  const command = { Cmd: ['true'], AttachStdout: true, AttachStderr: true }
  const id = idOf(await call(socket, 'POST', `/containers/${container}/exec`, command))
  await call(socket, 'POST', `/exec/${id}/start`, { Detach: false }, false) // its connection ends with it
  await call(socket, 'GET', `/exec/${id}/json`)
}

await compare('run by raw API: create, start, wait, delete', runOnce)
await compare(
  '8 runs at once',
  async socket => void (await Promise.all(Array.from({ length: 8 }, () => runOnce(socket)))),
)
const hosts = new Map<string, string>()
for (const socket of [ours!, ...(peer ? [peer] : [])]) {
  hosts.set(socket, idOf(await call(socket, 'POST', '/containers/create', { Image: image, Cmd: ['sleep', '600'] })))
  await call(socket, 'POST', `/containers/${hosts.get(socket)}/start`)
}
await compare('exec by raw API: create, start, read to the end, inspect', socket =>
  execOnce(socket, hosts.get(socket)!),
)
for (const [socket, id] of hosts) await call(socket, 'DELETE', `/containers/${id}?force=1`)
for (const agent of agents.values()) agent.destroy()
