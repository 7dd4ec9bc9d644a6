import type { Engine, NetworkCreateRequest } from '../../spec/engine-api/engine.ts'
import type { EndpointSettings } from '../../spec/engine-api/network.ts'
import { readJson } from '../body.ts'
import { boolQuery, filtersQuery } from '../query.ts'
import { type Call, type Route, route } from '../route.ts'
import { connectShape, disconnectShape, networkCreateShape } from '../shapes.ts'

const readCreate = async (call: Call): Promise<NetworkCreateRequest> =>
  (await readJson(call, { shape: networkCreateShape, name: 'CreateRequest', optional: true })) ?? { Name: '' }

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Network */
export const networkRoutes = ({ networks }: Pick<Engine, 'networks'>): readonly Route[] => [
  route('GET', '/networks', async ({ query }) => ({ json: await networks.list(filtersQuery(query)) })),
  route('POST', '/networks/create', async call => ({
    status: 201,
    json: await networks.create(await readCreate(call)),
  })),
  route('POST', '/networks/prune', async ({ query }) => ({
    json: { NetworksDeleted: await networks.prune(filtersQuery(query)) },
  })),
  route('GET', '/networks/{id}', async ({ params, query }) => ({
    json: await networks.inspect(params.id!, {
      verbose: boolQuery(query, 'verbose'),
      scope: query.get('scope') ?? undefined,
    }),
  })),
  route('DELETE', '/networks/{id}', async ({ params }) => {
    await networks.remove(params.id!)
    return { status: 204 }
  }),
  route('POST', '/networks/{id}/connect', async call => {
    const { Container = '', EndpointConfig } = await readJson<{
      Container?: string
      EndpointConfig?: EndpointSettings | null
    }>(call, { shape: connectShape, name: 'ConnectOptions' })
    await networks.connect(call.params.id!, Container, EndpointConfig ?? {})
    return { status: 200 }
  }),
  route('POST', '/networks/{id}/disconnect', async call => {
    const { Container = '', Force = false } = await readJson<{ Container?: string; Force?: boolean }>(call, {
      shape: disconnectShape,
      name: 'DisconnectOptions',
    })
    await networks.disconnect(call.params.id!, Container, Force)
    return { status: 200 }
  }),
]
