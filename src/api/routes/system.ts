import { EngineError } from '../../base/errors.ts'
import type { DiskUsageKind, Engine } from '../../spec/engine-api/engine.ts'
import { readJson } from '../body.ts'
import { adaptUsage } from '../compat/images.ts'
import { adaptInfo, adaptKinds } from '../compat/system.ts'
import { boolQuery, filtersQuery, timestampQuery, toAuth } from '../query.ts'
import { type Call, type Route, route } from '../route.ts'

const noSwarm =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
const swarmFolders = ['/swarm', '/services', '/nodes', '/tasks', '/secrets', '/configs']

const refuseSwarm = async (): Promise<never> => {
  throw new EngineError('unavailable', noSwarm)
}

const leaveSwarm = async (): Promise<never> => {
  throw new EngineError('unavailable', 'This node is not part of a swarm')
}

const swarmRoutes = swarmFolders.flatMap(folder =>
  ['GET', 'POST', 'DELETE'].flatMap(method => [
    route(method, folder, refuseSwarm),
    route(method, `${folder}/{rest*}`, refuseSwarm),
  ]),
)

const noPlugin = async ({ params }: Call): Promise<never> => {
  throw new EngineError('not-found', `plugin ${JSON.stringify(params.name)} not found`)
}

const pluginRoutes = [
  route('GET', '/plugins/{name*}/json', noPlugin),
  ...['enable', 'disable', 'upgrade', 'push', 'set'].map(verb => route('POST', `/plugins/{name*}/${verb}`, noPlugin)),
  route('DELETE', '/plugins/{name*}', noPlugin),
]

const kinds: readonly DiskUsageKind[] = ['container', 'image', 'volume', 'build-cache']

function toKind(text: string): DiskUsageKind {
  const kind = kinds.find(known => known === text)
  if (!kind) throw new EngineError('invalid', `unknown object type: ${text}`)
  return kind
}

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/System */
export const systemRoutes = ({ system }: Pick<Engine, 'system'>): readonly Route[] => {
  const ping = async () => {
    const { builderVersion } = await system.ping()
    const headers = {
      'Builder-Version': builderVersion,
      Swarm: 'inactive',
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      Pragma: 'no-cache',
    }
    return { text: 'OK', headers }
  }
  return [
    route('GET', '/_ping', ping),
    route('HEAD', '/_ping', ping),
    route('GET', '/version', async () => ({ json: await system.version() })),
    route('GET', '/info', async ({ version }) => ({ json: adaptInfo(await system.info(), version) })),
    route('POST', '/auth', async call => ({
      json: await system.auth(toAuth(await readJson<Record<string, string>>(call))),
    })),
    route('GET', '/events', async ({ query, signal }) => ({
      lines: system.events({
        since: timestampQuery(query, 'since'),
        until: timestampQuery(query, 'until'),
        filters: filtersQuery(query),
        signal,
      }),
    })),
    route('GET', '/system/df', async ({ query, version }) => ({
      json: adaptUsage(await system.diskUsage(adaptKinds(query.getAll('type').map(toKind), version)), version),
    })),
    // not Docker's: for berth system check and df
    route('POST', '/berth/check', async ({ query, signal }) => ({
      lines: system.check({ repair: boolQuery(query, 'repair'), signal }),
    })),
    route('GET', '/berth/disk-owners', async () => ({ json: await system.diskOwners() })),
    route('GET', '/plugins', async () => ({ json: [] })),
    ...pluginRoutes,
    route('POST', '/swarm/leave', leaveSwarm),
    ...swarmRoutes,
  ]
}
