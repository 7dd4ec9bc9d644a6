import type { Cancellable } from '../base/cancellable.ts'
import type { BuildCache } from '../spec/engine-api/build.ts'
import type {
  AuthResponse,
  CheckMessage,
  ContainerVerbs,
  DiskUsageKind,
  ImageVerbs,
  RegistryAuth,
  SystemVerbs,
  VolumeVerbs,
} from '../spec/engine-api/engine.ts'
import type { ImageSummary } from '../spec/engine-api/image.ts'
import type { CacheRecordInfo } from '../spec/engine-api/solver.ts'
import type { Volume } from '../spec/engine-api/volume.ts'
import { diskOwners, type Ownership } from './disk-owners.ts'
import type { EventLog } from './event-log.ts'
import { infoOf } from './info.ts'
import { versionOf } from './version.ts'

/** Facts about the engine and its host that never change while it runs. */
export interface EngineFacts {
  readonly version: string
  readonly apiVersion: string
  readonly minApiVersion: string
  readonly id: string
  readonly root: string
  readonly controllers: readonly string[]
  readonly startedAt: string
  readonly isExperimental: boolean
}

/** Settings that a reload may change. */
export interface EngineSettings {
  readonly runtimes: readonly string[]
  readonly defaultRuntime: string
  readonly logDriver: string
  readonly labels: readonly string[]
  readonly insecureRegistries: readonly string[]
  readonly mirrors: readonly string[]
  readonly debug: boolean
  /** HTTP_PROXY and the like */
  readonly proxies: Readonly<Record<string, string | undefined>>
  readonly liveRestore: boolean
  readonly cdiDirs: readonly string[]
  readonly remaps: boolean
  readonly hasAppArmor: boolean
  readonly initPath: string | undefined
  /** `builtin`, `unconfined` or the path of a file */
  readonly seccompName: string
  readonly hasOwnCgroupns: boolean
  readonly addressPools: readonly { readonly base: string; readonly size: number }[]
}

/** A program beside the engine, by what it says of itself. */
export interface ProgramVersion {
  readonly name: string
  readonly version: string
  readonly commit: string
}

/** What starts containers by default, and what `--init` puts into them. */
export interface Programs {
  readonly runtime: ProgramVersion | undefined
  readonly init: ProgramVersion | undefined
}

export interface SystemDeps {
  readonly facts: EngineFacts
  readonly settings: () => EngineSettings
  readonly programs: () => Promise<Programs>
  readonly events: EventLog
  readonly containers: ContainerVerbs
  readonly images: ImageVerbs & {
    layersSize(): Promise<number>
    check(options: { readonly repair: boolean } & Cancellable): AsyncIterable<CheckMessage>
    listWithBlobs(): Promise<readonly ImageSummary[]>
  }
  readonly builds: {
    /** bytes of layers that only later builds may need */
    layersSize(): number
    usage(): Promise<readonly CacheRecordInfo[]>
  }
  readonly ownership: () => Promise<Ownership>
  readonly volumes: VolumeVerbs & { usage(): Promise<readonly Volume[]>; driverNames(): Promise<readonly string[]> }
  readonly login: (auth: RegistryAuth) => Promise<AuthResponse>
}

const toBuildCache = (record: CacheRecordInfo): BuildCache => ({
  ID: record.id,
  Type: record.type as NonNullable<BuildCache['Type']>,
  Description: record.description,
  InUse: record.inUse,
  Shared: record.shared,
  Size: record.sizeBytes,
  CreatedAt: new Date(record.createdAt).toISOString(),
  LastUsedAt: new Date(record.lastUsedAt).toISOString(),
  UsageCount: record.usageCount,
  ...(record.parents.length > 0 ? { Parents: record.parents } : {}),
})

async function diskUsage(
  deps: SystemDeps,
  kinds: readonly DiskUsageKind[],
): Promise<Readonly<Record<string, unknown>>> {
  const wants = (kind: DiskUsageKind) => kinds.length === 0 || kinds.includes(kind)
  const filters = new Map()
  return {
    LayersSize: wants('image') ? (await deps.images.layersSize()) - deps.builds.layersSize() : 0,
    Images: wants('image') ? await deps.images.listWithBlobs() : null,
    Containers: wants('container') ? await deps.containers.list({ all: true, size: true, filters }) : null,
    Volumes: wants('volume') ? await deps.volumes.usage() : null,
    BuildCache: wants('build-cache') ? (await deps.builds.usage()).map(toBuildCache) : null,
  }
}

export const createSystem = (deps: SystemDeps): SystemVerbs => ({
  ping: async () => ({ builderVersion: '2' }),
  version: () => versionOf(deps),
  info: () => infoOf(deps),
  events: options => deps.events.read(options),
  diskUsage: kinds => diskUsage(deps, kinds),
  auth: auth => deps.login(auth),
  check: options => deps.images.check(options),
  diskOwners: async () => diskOwners(await deps.ownership()),
})
