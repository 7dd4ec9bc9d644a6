import type { VolumeVerbs } from '../spec/engine-api/engine.ts'
import { finished, jsonOf } from './containers.ts'
import { encodeFilters, flag } from './encode.ts'
import { textOf, toReadable } from './http.ts'
import type { Session } from './session.ts'

export const volumeVerbs = (session: Session): VolumeVerbs => ({
  async create(options) {
    return jsonOf(await session.request({ method: 'POST', path: '/volumes/create', body: options }))
  },
  async list(filters) {
    const query = { filters: encodeFilters(filters) }
    return jsonOf(await session.request({ method: 'GET', path: '/volumes', query }))
  },
  async inspect(name) {
    return jsonOf(await session.request({ method: 'GET', path: `/volumes/${name}` }))
  },
  async remove(name, force) {
    await textOf(
      (await session.request({ method: 'DELETE', path: `/volumes/${name}`, query: { force: flag(force) } })).body,
    )
  },
  async prune(filters) {
    const query = { filters: encodeFilters(filters) }
    const answer = await session.request({ method: 'POST', path: '/volumes/prune', query })
    const report = await jsonOf<{ VolumesDeleted: string[] | null; SpaceReclaimed: number }>(answer)
    return { deleted: report.VolumesDeleted, spaceReclaimed: report.SpaceReclaimed }
  },
  ...extensions(session),
})

/** What only this engine has. */
const extensions = (session: Session) =>
  ({
    async copy(name, options) {
      return jsonOf(await session.request({ method: 'POST', path: `/volumes/${name}/copy`, body: options }))
    },
    rename: (name, to) =>
      finished(session.request({ method: 'POST', path: `/volumes/${name}/rename`, query: { name: to } })),
    async relabel(name, Labels) {
      return jsonOf(await session.request({ method: 'POST', path: `/volumes/${name}/update`, body: { Labels } }))
    },
    async exportTar(name) {
      return toReadable((await session.request({ method: 'GET', path: `/volumes/${name}/export` })).body)
    },
    importTar: (name, archive, { replace, signal }) => {
      const query = { replace: flag(replace) }
      return finished(
        session.request({ method: 'POST', path: `/volumes/${name}/import`, query, body: archive, signal }),
      )
    },
  }) satisfies Partial<VolumeVerbs>
