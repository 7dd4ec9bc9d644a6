import type { BuildCacheVerbs } from '../spec/engine-api/build-verbs.ts'
import { finished, jsonOf } from './containers.ts'
import { toReadable } from './http.ts'
import type { Session } from './session.ts'

export const buildCacheVerbs = (session: Session): BuildCacheVerbs => ({
  list: async () => jsonOf(await session.request({ method: 'GET', path: '/build/caches' })),
  exportTar: async id =>
    toReadable((await session.request({ method: 'GET', path: '/build/caches/export', query: { id } })).body),
  importTar: (id, archive, { signal } = {}) =>
    finished(session.request({ method: 'POST', path: '/build/caches/import', query: { id }, body: archive, signal })),
})
