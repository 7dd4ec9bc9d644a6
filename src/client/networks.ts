import type { NetworkVerbs } from '../spec/engine-api/engine.ts'
import { jsonOf } from './containers.ts'
import { encodeFilters } from './encode.ts'
import { textOf } from './http.ts'
import type { Session } from './session.ts'

export const networkVerbs = (session: Session): NetworkVerbs => ({
  async create(request) {
    return jsonOf(await session.request({ method: 'POST', path: '/networks/create', body: request }))
  },
  async list(filters) {
    const query = { filters: encodeFilters(filters) }
    return jsonOf(await session.request({ method: 'GET', path: '/networks', query }))
  },
  async inspect(id, options = {}) {
    const query = { scope: options.scope || undefined, verbose: options.verbose ? 'true' : undefined }
    return jsonOf(await session.request({ method: 'GET', path: `/networks/${id}`, query }))
  },
  async remove(id) {
    await textOf((await session.request({ method: 'DELETE', path: `/networks/${id}` })).body)
  },
  async connect(id, container, endpoint) {
    const body = { Container: container, EndpointConfig: endpoint }
    await textOf((await session.request({ method: 'POST', path: `/networks/${id}/connect`, body })).body)
  },
  async disconnect(id, container, force) {
    const body = { Container: container, Force: force }
    await textOf((await session.request({ method: 'POST', path: `/networks/${id}/disconnect`, body })).body)
  },
  async prune(filters) {
    const query = { filters: encodeFilters(filters) }
    const answer = await session.request({ method: 'POST', path: '/networks/prune', query })
    return (await jsonOf<{ NetworksDeleted: string[] | null }>(answer)).NetworksDeleted
  },
})
