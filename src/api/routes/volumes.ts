import { EngineError, messageOf } from '../../base/errors.ts'
import type { Engine, Filters, VolumeVerbs } from '../../spec/engine-api/engine.ts'
import type { VolumeCopyOptions, VolumeCreateOptions } from '../../spec/engine-api/volume.ts'
import { readJson } from '../body.ts'
import { boolQuery, filtersQuery } from '../query.ts'
import { type Call, type Route, route } from '../route.ts'
import { volumeCopyShape, volumeCreateShape } from '../shapes.ts'

function listFilters(query: URLSearchParams): Filters {
  try {
    return filtersQuery(query)
  } catch (cause) {
    throw new EngineError('invalid', `error reading volume filters: ${messageOf(cause)}`, { cause })
  }
}

const readCreate = async (call: Call): Promise<VolumeCreateOptions> =>
  (await readJson(call, { shape: volumeCreateShape, name: 'CreateOptions', optional: true })) ?? {}

/** What Docker does not have: docs/volumes.md */
const extensions = (volumes: VolumeVerbs): readonly Route[] => [
  route('POST', '/volumes/{name}/copy', async call => ({
    status: 201,
    json: await volumes.copy(call.params.name!, await readCopy(call)),
  })),
  route('POST', '/volumes/{name}/rename', async ({ params, query }) => {
    await volumes.rename(params.name!, query.get('name') ?? '')
    return { status: 204 }
  }),
  route('POST', '/volumes/{name}/update', async call => ({
    json: await volumes.relabel(call.params.name!, await readLabels(call)),
  })),
  route('GET', '/volumes/{name}/export', async ({ params }) => ({
    stream: await volumes.exportTar(params.name!),
    contentType: 'application/x-tar',
  })),
  route('POST', '/volumes/{name}/import', async ({ params, query, body, signal }) => {
    await volumes.importTar(params.name!, body, { replace: boolQuery(query, 'replace'), signal })
    return { status: 204 }
  }),
]

const readCopy = async (call: Call): Promise<VolumeCopyOptions> =>
  readJson(call, { shape: volumeCopyShape, name: 'CopyOptions' })

async function readLabels(call: Call): Promise<Readonly<Record<string, string | null>>> {
  const { Labels = {} } = await readJson<{ Labels?: Readonly<Record<string, unknown>> | null }>(call)
  const values = Object.values(Labels ?? {})
  if (values.some(value => value !== null && typeof value !== 'string'))
    throw new EngineError('invalid', 'invalid JSON: Labels are texts, or null to take one away')
  return (Labels ?? {}) as Readonly<Record<string, string | null>>
}

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Volume */
export const volumeRoutes = ({ volumes }: Pick<Engine, 'volumes'>): readonly Route[] => [
  ...extensions(volumes),
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
