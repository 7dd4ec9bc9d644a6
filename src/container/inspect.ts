import { join } from 'node:path'
import type { ContainerInspectResponse, ContainerState } from '../spec/engine-api/container.ts'
import type { EndpointSettings, NetworkSettings } from '../spec/engine-api/network.ts'
import type { MountPoint } from '../spec/engine-api/volume.ts'
import type { ContainerDeps } from './deps.ts'
import type { ExecStore } from './exec/exec-store.ts'
import { type ContainerRecord, isAlive, isRunning } from './record.ts'
import { containerDir, logPath, upperDir } from './rootfs.ts'
import { appArmorOf } from './security.ts'
import { directorySize } from './size.ts'

function toState(record: ContainerRecord): ContainerState {
  const { status, pid, exitCode, error, oomKilled, startedAt, finishedAt, health } = record.state
  return {
    Status: status,
    Running: isRunning(record),
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: oomKilled,
    Dead: status === 'dead',
    Pid: pid,
    ExitCode: exitCode,
    Error: error,
    StartedAt: startedAt,
    FinishedAt: finishedAt,
    ...(health && { Health: health }),
  }
}

/** Every field of an endpoint, in Docker's order. */
export const toEndpoint = (endpoint: EndpointSettings): EndpointSettings => ({
  IPAMConfig: endpoint.IPAMConfig ?? (null as never),
  Links: endpoint.Links ?? null,
  Aliases: endpoint.Aliases ?? null,
  MacAddress: endpoint.MacAddress ?? '',
  DriverOpts: endpoint.DriverOpts ?? null,
  GwPriority: endpoint.GwPriority ?? 0,
  NetworkID: endpoint.NetworkID ?? '',
  EndpointID: endpoint.EndpointID ?? '',
  Gateway: endpoint.Gateway ?? '',
  IPAddress: endpoint.IPAddress ?? '',
  IPPrefixLen: endpoint.IPPrefixLen ?? 0,
  IPv6Gateway: endpoint.IPv6Gateway ?? '',
  GlobalIPv6Address: endpoint.GlobalIPv6Address ?? '',
  GlobalIPv6PrefixLen: endpoint.GlobalIPv6PrefixLen ?? 0,
  DNSNames: endpoint.DNSNames ?? null,
})

export const toEndpoints = (record: ContainerRecord): Record<string, EndpointSettings> =>
  Object.fromEntries(
    Object.entries(record.endpoints).map(([name, endpoint]) => [
      name,
      // the wish for an address shows until the first start
      toEndpoint(record.hasStarted && !isAlive(record) ? { ...endpoint, MacAddress: '' } : endpoint),
    ]),
  )

/** While it runs, also what is exposed without being published. */
function portsOf(record: ContainerRecord): NetworkSettings['Ports'] {
  if (!isAlive(record)) return {}
  const exposed = Object.keys(record.config.ExposedPorts ?? {}).map(port => [port, null] as const)
  return { ...Object.fromEntries(exposed), ...record.ports }
}

function toNetworkSettings(deps: ContainerDeps, record: ContainerRecord): NetworkSettings {
  const networks = toEndpoints(record)
  const {
    EndpointID = '',
    Gateway = '',
    GlobalIPv6Address = '',
    GlobalIPv6PrefixLen = 0,
    IPAddress = '',
    IPPrefixLen = 0,
    IPv6Gateway = '',
    MacAddress = '',
  } = networks.bridge ?? {}
  const hasSandbox = isAlive(record) && record.hostConfig.NetworkMode !== 'host'
  return {
    Bridge: '',
    SandboxID: hasSandbox ? record.id : '',
    SandboxKey: hasSandbox ? join(deps.settings.execRoot, 'netns', record.id.slice(0, 12)) : '',
    Ports: portsOf(record),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID,
    Gateway,
    GlobalIPv6Address,
    GlobalIPv6PrefixLen,
    IPAddress,
    IPPrefixLen,
    IPv6Gateway,
    MacAddress,
    Networks: networks,
  }
}

export const toMountPoints = (record: ContainerRecord): readonly MountPoint[] =>
  record.mounts.map(({ Type, Name, Source, Destination, Driver, Mode, RW, Propagation }) => ({
    Type,
    ...((Type === 'volume' || Type === 'image') && { Name }),
    Source: Source ?? '',
    Destination,
    ...(Type === 'volume' && { Driver }),
    Mode: Mode ?? '',
    RW,
    Propagation: Propagation ?? '',
  }))

function graphDriverOf(deps: ContainerDeps, record: ContainerRecord) {
  const dir = containerDir(deps, record.id)
  const lower = record.chainId && deps.snapshots.has(record.chainId) ? deps.snapshots.layers(record.chainId) : []
  return {
    Data: {
      ID: record.id,
      LowerDir: lower.join(':'),
      MergedDir: join(dir, 'merged'),
      UpperDir: upperDir(dir),
      WorkDir: join(dir, 'work'),
    },
    Name: deps.snapshots.name,
  }
}

/** The address that was asked for in the network of its mode; it used to be the container's. */
function withMac({ config, endpoints, hostConfig }: ContainerRecord): ContainerRecord['config'] {
  const mode = hostConfig.NetworkMode ?? 'bridge'
  const main = endpoints[mode] as (EndpointSettings & { readonly wishedMac?: string }) | undefined
  const wished = main?.wishedMac ?? (main?.EndpointID ? '' : main?.MacAddress)
  if (!wished) return config
  const { OnBuild, Labels, StopSignal, StopTimeout, Shell, ...first } = config
  const last = Object.entries({ MacAddress: wished, OnBuild, Labels, StopSignal, StopTimeout, Shell })
  return { ...first, ...Object.fromEntries(last.filter(([, value]) => value !== undefined)) }
}

/** Everything about one container, in Docker's order of fields. */
export async function inspectContainer(
  deps: ContainerDeps,
  execs: ExecStore,
  key: string,
  { size = false } = {},
): Promise<ContainerInspectResponse> {
  const record = deps.store.find(key)
  const dir = containerDir(deps, record.id)
  const hasFiles = record.hasStarted
  const execIds = execs.openIn(record.id)
  return {
    Id: record.id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: toState(record),
    Image: record.imageId,
    ResolvConfPath: hasFiles ? join(dir, 'resolv.conf') : '',
    HostnamePath: hasFiles ? join(dir, 'hostname') : '',
    HostsPath: hasFiles ? join(dir, 'hosts') : '',
    LogPath: hasFiles && record.hostConfig.LogConfig?.Type === 'json-file' ? logPath(deps, record) : '',
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: deps.snapshots.name,
    Platform: record.platform,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: appArmorOf(record.hostConfig, deps.settings.hasAppArmor) ?? '',
    ExecIDs: execIds.length ? execIds : (null as never),
    HostConfig: record.hostConfig,
    GraphDriver: graphDriverOf(deps, record),
    ...(size && (await sizesOf(deps, record))),
    Mounts: toMountPoints(record),
    Config: withMac(record),
    NetworkSettings: toNetworkSettings(deps, record),
  } as ContainerInspectResponse
}

/** Bytes that the container wrote, and those with its image. */
export async function sizesOf(
  deps: ContainerDeps,
  record: ContainerRecord,
): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const SizeRw = await directorySize(upperDir(containerDir(deps, record.id)))
  let imageSize = 0
  for (let chain = record.chainId; chain && deps.snapshots.has(chain); chain = deps.snapshots.parentOf(chain))
    imageSize += deps.snapshots.sizeOf(chain)
  return { SizeRw, SizeRootFs: SizeRw + imageSize }
}
