import { readdirSync, readFileSync } from 'node:fs'
import { arch, cpus, hostname, release, totalmem } from 'node:os'
import type { Cancellable } from '../base/cancellable.ts'
import { cdiDeviceNames } from '../container/cdi.ts'
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
import type { SystemInfo, SystemVersion } from '../spec/engine-api/system.ts'
import type { Volume } from '../spec/engine-api/volume.ts'
import { cgroupMode } from '../spec/host.ts'
import { diskOwners, type Ownership } from './disk-owners.ts'
import type { EventLog } from './event-log.ts'

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
}

export interface SystemDeps {
  readonly facts: EngineFacts
  readonly settings: () => EngineSettings
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

const goArch = { x64: 'amd64', arm64: 'arm64' }[arch() as string] ?? arch()
const unameArch = { x64: 'x86_64', arm64: 'aarch64' }[arch() as string] ?? arch()

/** A line of https://www.freedesktop.org/software/systemd/man/latest/os-release.html */
function osField(name: string): string | undefined {
  try {
    return new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  } catch {
    return undefined
  }
}

function versionOf({ facts }: SystemDeps): SystemVersion {
  const { version, apiVersion, minApiVersion, startedAt } = facts
  const kernel = release()
  const details = {
    ApiVersion: apiVersion,
    Arch: goArch,
    BuildTime: startedAt,
    Experimental: String(facts.isExperimental),
    GitCommit: 'berth',
    GoVersion: process.version,
    KernelVersion: kernel,
    MinAPIVersion: minApiVersion,
    Os: 'linux',
  }
  return {
    Platform: { Name: 'Berth' },
    Components: [{ Name: 'Engine', Version: version, Details: details }],
    Version: version,
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: 'berth',
    GoVersion: process.version,
    Os: 'linux',
    Arch: goArch,
    KernelVersion: kernel,
    BuildTime: startedAt,
  } as SystemVersion
}

/** What a runtime knows of the specification: https://github.com/opencontainers/runtime-spec/blob/main/features.md */
const runtimeStatus = {
  'org.opencontainers.runtime-spec.features': '{"ociVersionMin":"1.0.0","ociVersionMax":"1.0.2"}',
}

async function infoOf(deps: SystemDeps): Promise<SystemInfo> {
  const { facts, events } = deps
  const settings = deps.settings()
  const containers = await deps.containers.list({ all: true, size: false, filters: new Map() })
  const count = (state: string) => containers.filter(({ State }) => State === state).length
  const images = await deps.images.list({
    all: true,
    filters: new Map(),
    sharedSize: false,
    digests: false,
    manifests: false,
  })
  const devices = cdiDeviceNames(settings.cdiDirs).map(ID => ({ Source: 'cdi', ID }))
  const has = (controller: string) => facts.controllers.includes(controller)
  return {
    ID: facts.id,
    Containers: containers.length,
    ContainersRunning: count('running'),
    ContainersPaused: count('paused'),
    ContainersStopped: containers.length - count('running') - count('paused'),
    Images: images.length,
    Driver: 'overlay2',
    DriverStatus: [
      ['Backing Filesystem', 'extfs'],
      ['Supports d_type', 'true'],
      ['Using metacopy', 'false'],
      ['Native Overlay Diff', 'true'],
      ['userxattr', 'false'],
    ],
    Plugins: {
      Volume: [...(await deps.volumes.driverNames())],
      Network: ['bridge', 'host', 'ipvlan', 'macvlan', 'null'],
      Authorization: null,
      Log: ['fluentd', 'gelf', 'journald', 'json-file', 'local', 'syslog'],
    },
    MemoryLimit: has('memory'),
    SwapLimit: has('memory'),
    CpuCfsPeriod: has('cpu'),
    CpuCfsQuota: has('cpu'),
    CPUShares: has('cpu'),
    CPUSet: has('cpuset'),
    PidsLimit: has('pids'),
    IPv4Forwarding: true,
    Debug: settings.debug,
    NFd: readdirSync('/proc/self/fd').length,
    KernelMemoryTCP: cgroupMode !== 'v2' && has('memory'),
    OomKillDisable: cgroupMode !== 'v2' && has('memory'),
    NGoroutines: process.getActiveResourcesInfo().length,
    SystemTime: new Date().toISOString(),
    LoggingDriver: settings.logDriver,
    CgroupDriver: 'cgroupfs',
    CgroupVersion: cgroupMode === 'v2' ? '2' : '1',
    NEventsListener: events.listenerCount,
    KernelVersion: release(),
    OperatingSystem: osField('PRETTY_NAME') ?? 'Linux',
    OSVersion: osField('VERSION_ID') ?? '',
    OSType: 'linux',
    Architecture: unameArch,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: {
      IndexConfigs: { 'docker.io': { Mirrors: settings.mirrors, Name: 'docker.io', Official: true, Secure: true } },
      InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8', ...settings.insecureRegistries],
      Mirrors: settings.mirrors.length ? settings.mirrors : null,
    },
    NCPU: cpus().length,
    MemTotal: totalmem(),
    GenericResources: null,
    DockerRootDir: facts.root,
    HttpProxy: maskPassword(settings.proxies.HTTP_PROXY ?? settings.proxies.http_proxy),
    HttpsProxy: maskPassword(settings.proxies.HTTPS_PROXY ?? settings.proxies.https_proxy),
    NoProxy: settings.proxies.NO_PROXY ?? settings.proxies.no_proxy ?? '',
    Name: hostname(),
    Labels: settings.labels,
    ExperimentalBuild: facts.isExperimental,
    ServerVersion: facts.version,
    Runtimes: Object.fromEntries(settings.runtimes.map(name => [name, { path: name, status: runtimeStatus }])),
    DefaultRuntime: settings.defaultRuntime,
    Swarm: {
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'inactive',
      ControlAvailable: false,
      Error: '',
      RemoteManagers: null,
    },
    LiveRestoreEnabled: settings.liveRestore,
    Isolation: '',
    InitBinary: settings.initPath ? 'docker-init' : '',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: 'N/A' },
    SecurityOptions: [
      ...(settings.hasAppArmor ? ['name=apparmor'] : []),
      `name=seccomp,profile=${settings.seccompName}`,
      ...(settings.remaps ? ['name=userns'] : []),
      ...(settings.hasOwnCgroupns ? ['name=cgroupns'] : []),
    ],
    FirewallBackend: { Driver: 'nftables' },
    CDISpecDirs: settings.cdiDirs,
    DiscoveredDevices: devices.length ? devices : undefined,
    Warnings: null,
  } as unknown as SystemInfo
}

const maskPassword = (url = ''): string => url.replace(/^(\w+:\/\/)[^/@]*@/, '$1xxxxx:xxxxx@')

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
  version: async () => versionOf(deps),
  info: () => infoOf(deps),
  events: options => deps.events.read(options),
  diskUsage: kinds => diskUsage(deps, kinds),
  auth: auth => deps.login(auth),
  check: options => deps.images.check(options),
  diskOwners: async () => diskOwners(await deps.ownership()),
})
