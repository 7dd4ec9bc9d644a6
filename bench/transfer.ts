// Times pull, push, save and load of images with two engines in turn, prints medians and ratios as JSON lines.
// BERTH_SOCKET and PEER_SOCKET name the engines; SOURCE (`host:port/name`) an image that both can pull, SINK (`host:port`)
// an empty registry that both reach and SINK_DIR its storage, which is emptied before each push. Without SINK, no pushes.
import { execFileSync } from 'node:child_process'
import { createReadStream, createWriteStream, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const {
  BERTH_SOCKET,
  PEER_SOCKET,
  SOURCE = '',
  SINK,
  SINK_DIR,
  BERTH_PID,
  ROUNDS = '3',
  FILE = '/var/tmp/transfer.tar',
} = process.env
const sockets = [BERTH_SOCKET!, PEER_SOCKET!].filter(Boolean)
const name = SOURCE.replace(/.*\//, '')

async function call(socketPath: string, method: string, path: string, body?: Readable, sink?: NodeJS.WritableStream) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const auth = Buffer.from('{}').toString('base64')
  const headers = { Host: 'd', 'X-Registry-Auth': auth, ...(body && { 'Content-Type': 'application/x-tar' }) }
  const sent = request({ socketPath, method, path: `/v1.51${path}`, headers, agent: false }, async answer => {
    if (sink) return pipeline(answer, sink).then(() => resolve(''), reject)
    const text = Buffer.concat(await answer.toArray()).toString()
    const failure = /"errorDetail".*/.exec(text)?.[0]
    if (answer.statusCode! >= 400 || failure)
      reject(new Error(`${method} ${path}: ${answer.statusCode} ${failure ?? text}`))
    else resolve(text)
  })
  sent.on('error', reject)
  if (body) body.pipe(sent)
  else sent.end()
  return promise
}

const remove = (socket: string, image: string) => call(socket, 'DELETE', `/images/${image}?force=1`).catch(() => {})
const times = new Map<string, number[]>()
async function timed(what: string, socket: string, body: () => Promise<unknown>): Promise<void> {
  execFileSync('sync') // what the other one left to be written is not ours to wait for
  const start = performance.now()
  await body()
  const key = `${what} ${socket}`
  times.set(key, [...(times.get(key) ?? []), (performance.now() - start) / 1000])
}

const actions = process.argv[2]?.split(',') ?? ['pull', 'again', 'push', 'save', 'load']
for (let round = 0; round < Number(ROUNDS); round++)
  for (const socket of round % 2 ? sockets.toReversed() : sockets) {
    await remove(socket, SOURCE)
    const pull = () => call(socket, 'POST', `/images/create?fromImage=${SOURCE}&tag=latest`)
    await timed('pull', socket, pull)
    if (actions.includes('again')) await timed('again', socket, pull)
    if (actions.includes('push') && SINK) {
      for (const entry of readdirSync(SINK_DIR!)) rmSync(join(SINK_DIR!, entry), { recursive: true })
      await call(socket, 'POST', `/images/${SOURCE}:latest/tag?repo=${SINK}/${name}&tag=latest`)
      await timed('push', socket, () => call(socket, 'POST', `/images/${SINK}/${name}/push?tag=latest`))
      await remove(socket, `${SINK}/${name}:latest`)
    }
    if (actions.includes('save')) {
      await timed('save', socket, () =>
        call(socket, 'GET', `/images/${SOURCE}:latest/get`, undefined, createWriteStream(FILE)),
      )
      await remove(socket, SOURCE)
      if (actions.includes('load'))
        await timed('load', socket, () => call(socket, 'POST', '/images/load?quiet=1', createReadStream(FILE)))
      times.set(`size ${socket}`, [statSync(FILE).size])
      rmSync(FILE)
    }
    await remove(socket, SOURCE)
  }

const median = (values: readonly number[] = []) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
for (const what of ['pull', 'again', 'push', 'save', 'load', 'size']) {
  const [berth, peer] = [BERTH_SOCKET, PEER_SOCKET].map(socket => times.get(`${what} ${socket}`))
  if (!berth) continue
  const ratio = median(peer) / median(berth)
  console.log(JSON.stringify({ bench: what, image: name, berth, peer, ratio: Number(ratio.toFixed(2)) }))
}
if (BERTH_PID)
  console.log(JSON.stringify({ peakRss: /VmHWM:\s+(.*)/.exec(readFileSync(`/proc/${BERTH_PID}/status`, 'utf8'))?.[1] }))
