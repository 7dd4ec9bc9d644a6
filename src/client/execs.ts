import type { ExecVerbs } from '../spec/engine-api/engine.ts'
import { jsonOf } from './containers.ts'
import { textOf } from './http.ts'
import type { Session } from './session.ts'

export const execVerbs = (session: Session): ExecVerbs => ({
  async create(containerId, config) {
    return jsonOf(await session.request({ method: 'POST', path: `/containers/${containerId}/exec`, body: config }))
  },
  async start(id, { consoleSize, detach, tty }) {
    const body = { Detach: detach, Tty: tty, ...(consoleSize ? { ConsoleSize: consoleSize } : {}) }
    const request = { method: 'POST', path: `/exec/${id}/start`, body }
    if (!detach) return { stream: await session.hijack(request), tty }
    await textOf((await session.request(request)).body)
    return undefined
  },
  async inspect(id) {
    return jsonOf(await session.request({ method: 'GET', path: `/exec/${id}/json` }))
  },
  async resize(id, { height, width }) {
    const query = { h: String(height), w: String(width) }
    await textOf((await session.request({ method: 'POST', path: `/exec/${id}/resize`, query })).body)
  },
})
