import type { BuildCacheVerbs, BuildOptions } from '../../spec/engine-api/build-verbs.ts'
import type { Engine, RegistryAuth } from '../../spec/engine-api/engine.ts'
import type { BuildKitWish, BuildOverHttp } from '../buildkit/build-endpoint.ts'
import { boolQuery, filtersQuery, intQuery, toAuth } from '../query.ts'
import { type Call, type Route, route } from '../route.ts'

function jsonQuery<T>(query: URLSearchParams, name: string): T | undefined {
  try {
    return JSON.parse(query.get(name) ?? '') as T
  } catch {
    return undefined
  }
}

/** X-Registry-Config: credentials by host, base64url of JSON. */
function authsOf(header: string | string[] | undefined): ReadonlyMap<string, RegistryAuth> {
  try {
    const hosts = JSON.parse(Buffer.from(String(header ?? ''), 'base64url').toString('utf8')) as Record<
      string,
      Record<string, string>
    >
    return new Map(Object.entries(hosts).map(([host, fields]) => [host, toAuth(fields)]))
  } catch {
    return new Map()
  }
}

const toOptions = ({ query, headers, signal }: Call): BuildOptions => ({
  tags: query.getAll('t'),
  dockerfile: query.get('dockerfile') || undefined,
  remote: query.get('remote') || undefined,
  quiet: boolQuery(query, 'q'),
  noCache: boolQuery(query, 'nocache'),
  pull: boolQuery(query, 'pull'),
  remove: boolQuery(query, 'rm', true),
  squash: boolQuery(query, 'squash'),
  buildArgs: jsonQuery(query, 'buildargs') ?? {},
  labels: jsonQuery(query, 'labels') ?? {},
  target: query.get('target') || undefined,
  networkMode: query.get('networkmode') || undefined,
  platform: query.get('platform') || undefined,
  extraHosts: (query.get('extrahosts') ?? '').split(',').filter(Boolean),
  cacheFrom: jsonQuery(query, 'cachefrom') ?? [],
  ulimits: jsonQuery(query, 'ulimits') ?? null,
  cgroupParent: query.get('cgroupparent') || undefined,
  shmSize: intQuery(query, 'shmsize'),
  memory: intQuery(query, 'memory'),
  memorySwap: intQuery(query, 'memswap'),
  cpuShares: intQuery(query, 'cpushares'),
  cpuPeriod: intQuery(query, 'cpuperiod'),
  cpuQuota: intQuery(query, 'cpuquota'),
  cpusetCpus: query.get('cpusetcpus') || undefined,
  cpusetMems: query.get('cpusetmems') || undefined,
  auths: authsOf(headers['x-registry-config']),
  signal,
})

const toWish = ({ query }: Call): BuildKitWish => ({
  session: query.get('session') || undefined,
  buildId: query.get('buildid') || undefined,
  outputs: jsonQuery(query, 'outputs') ?? [],
})

/** Docker has none of these. The id is a path more often than not, so it does not stand in the address. */
const cacheRoutes = (caches: BuildCacheVerbs): readonly Route[] => [
  route('GET', '/build/caches', async () => ({ json: await caches.list() })),
  route('GET', '/build/caches/export', async ({ query }) => ({
    stream: await caches.exportTar(query.get('id') ?? ''),
    contentType: 'application/x-tar',
  })),
  route('POST', '/build/caches/import', async ({ query, body, signal }) => {
    await caches.importTar(query.get('id') ?? '', body, { signal })
    return { status: 204 }
  }),
]

/** Spec: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/Image/operation/ImageBuild */
export const buildRoutes = (
  { build, buildCaches }: Pick<Engine, 'build' | 'buildCaches'>,
  buildOverHttp?: BuildOverHttp,
): readonly Route[] => [
  ...cacheRoutes(buildCaches),
  route('POST', '/build', async call => {
    const isBuildKits = call.query.get('version') === '2' && buildOverHttp !== undefined
    if (!isBuildKits) return { progress: send => build.build(toOptions(call), call.body, send) }
    return { progress: send => buildOverHttp(toOptions(call), toWish(call), call.body, send) }
  }),
  route('POST', '/build/prune', async ({ query }) => {
    const { deleted, spaceReclaimed } = await build.prune({
      filters: filtersQuery(query),
      all: boolQuery(query, 'all'),
      reservedSpace: intQuery(query, 'reserved-space') ?? intQuery(query, 'keep-storage'),
      maxUsedSpace: intQuery(query, 'max-used-space'),
      minFreeSpace: intQuery(query, 'min-free-space'),
    })
    return { json: { CachesDeleted: deleted, SpaceReclaimed: spaceReclaimed } }
  }),
]
