import type { EngineConnection } from '../../spec/engine-api/connection.ts'
import type { Config } from '../config.ts'
import { ContextStore } from '../context/store.ts'

type Offers = readonly (readonly [word: string, description: string])[]

const none = new Map<string, readonly string[]>()

async function containers({ config, engine }: Source): Promise<Offers> {
  const found = await engine.containers.list({ all: true, size: false, filters: none })
  const wantsIds = config.env('DOCKER_COMPLETION_SHOW_CONTAINER_IDS') === 'yes'
  return found.flatMap(({ Id = '', Image = '', Names, Status = '' }) => {
    const names = (Names ?? []).map(name => [name.replace(/^\//, ''), `${Image}, ${Status}`] as const)
    return wantsIds ? [...names, [Id.slice(0, 12), Image] as const] : names
  })
}

async function images({ engine }: Source): Promise<Offers> {
  const options = { all: false, filters: none, sharedSize: false, digests: false, manifests: false }
  const found = await engine.images.list(options)
  return found.flatMap(({ Id = '', RepoTags }) => (RepoTags ?? []).map(name => [name, Id.slice(7, 19)] as const))
}

const networks = async ({ engine }: Source): Promise<Offers> =>
  (await engine.networks.list(none)).map(({ Driver = '', Name = '' }) => [Name, Driver] as const)

const volumes = async ({ engine }: Source): Promise<Offers> =>
  ((await engine.volumes.list(none)).Volumes ?? []).map(({ Driver = '', Name = '' }) => [Name, Driver] as const)

const contexts = async ({ config }: Source): Promise<Offers> => [
  ['default', config.defaultEndpointHost],
  ...new ContextStore(config).list().map(({ Endpoints, Name }) => [Name, Endpoints.docker?.Host ?? ''] as const),
]

interface Source {
  readonly config: Config
  readonly engine: EngineConnection
}

const kinds: Readonly<Record<string, (source: Source) => Promise<Offers>>> = {
  container: containers,
  image: images,
  network: networks,
  volume: volumes,
  context: contexts,
}

/** Names that exist now; none when the engine does not answer. */
export async function liveNames(source: Source, kind: string): Promise<Offers> {
  try {
    return (await kinds[kind]?.(source)) ?? []
  } catch {
    return []
  }
}
