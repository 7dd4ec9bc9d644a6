import { EngineError, messageOf } from '../../base/errors.ts'
import type { Engine, Filters } from '../../spec/engine-api/engine.ts'
import type { VolumeCreateOptions } from '../../spec/engine-api/volume.ts'
import { readJson } from '../body.ts'
import { boolQuery, filtersQuery } from '../query.ts'
import { type Call, type Route, route } from '../route.ts'
import { volumeCreateShape } from '../shapes.ts'

function listFilters(query: URLSearchParams): Filters {
  try {
    return filtersQuery(query)
  } catch (cause) {
    throw new EngineError('invalid', `error reading volume filters: ${messageOf(cause)}`, { cause })
  }
}

const readCreate = async (call: Call): Promise<VolumeCreateOptions> =>
  (await readJson(call, { shape: volumeCreateShape, name: 'CreateOptions', optional: true })) ?? {}

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Volume */
export const volumeRoutes = ({ volumes }: Pick<Engine, 'volumes'>): readonly Route[] => [
  route('GET', '/volumes', async ({ query }) => ({ json: await volumes.list(listFilters(query)) })),
  route('POST', '/volumes/create', async call => ({
    status: 201,
    json: await volumes.create(await readCreate(call)),
  })),
  route('POST', '/volumes/prune', async ({ query }) => {
    const { deleted, spaceReclaimed } = await volumes.prune(filtersQuery(query))
    return { json: { VolumesDeleted: deleted, SpaceReclaimed: spaceReclaimed } }
  }),
  route('GET', '/volumes/{name}', async ({ params }) => ({ json: await volumes.inspect(params.name!) })),
  route('PUT', '/volumes/{name}', async () => {
    throw new EngineError('unavailable', 'volume update only valid for cluster volumes, but swarm is unavailable')
  }),
  route('DELETE', '/volumes/{name}', async ({ params, query }) => {
    await volumes.remove(params.name!, boolQuery(query, 'force'))
    return { status: 204 }
  }),
]
