import type { Engine } from '../../spec/engine-api/engine.ts'
import type { VolumeCreateOptions } from '../../spec/engine-api/volume.ts'
import { readJson } from '../body.ts'
import { boolQuery, filtersQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Volume */
export const volumeRoutes = ({ volumes }: Pick<Engine, 'volumes'>): readonly Route[] => [
  route('GET', '/volumes', async ({ query }) => ({ json: await volumes.list(filtersQuery(query)) })),
  route('POST', '/volumes/create', async call => ({
    status: 201,
    json: await volumes.create(await readJson<VolumeCreateOptions>(call)),
  })),
  route('POST', '/volumes/prune', async ({ query }) => {
    const { deleted, spaceReclaimed } = await volumes.prune(filtersQuery(query))
    return { json: { VolumesDeleted: deleted, SpaceReclaimed: spaceReclaimed } }
  }),
  route('GET', '/volumes/{name}', async ({ params }) => ({ json: await volumes.inspect(params.name!) })),
  route('DELETE', '/volumes/{name}', async ({ params, query }) => {
    await volumes.remove(params.name!, boolQuery(query, 'force'))
    return { status: 204 }
  }),
]
