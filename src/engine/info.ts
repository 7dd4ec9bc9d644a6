import { readdirSync } from 'node:fs'
import { cpus, hostname, release, totalmem } from 'node:os'
import { cdiDeviceNames } from '../container/cdi.ts'
import type { SystemInfo } from '../spec/engine-api/system.ts'
import { cgroupMode } from '../spec/host.ts'
import { fileSystemOf, osRelease, unameArch } from './host-facts.ts'
import type { EngineSettings, SystemDeps } from './system.ts'

/** What a runtime knows of the specification: https://github.com/opencontainers/runtime-spec/blob/main/features.md */
const runtimeStatus = {
  'org.opencontainers.runtime-spec.features': '{"ociVersionMin":"1.0.0","ociVersionMax":"1.0.2"}',
}

/** What `GET /info` answers. */
export async function infoOf(deps: SystemDeps): Promise<SystemInfo> {
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
  const { runtime, init } = await deps.programs()
  const os = osRelease()
  const pools = settings.addressPools.map(({ base, size }) => ({ Base: base, Size: size }))
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
      ['Backing Filesystem', fileSystemOf(facts.root)],
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
    OperatingSystem: os.name,
    OSVersion: os.version,
    OSType: 'linux',
    Architecture: unameArch,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: registriesOf(settings),
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
    RuncCommit: { ID: runtime?.commit || 'N/A' },
    InitCommit: { ID: init?.commit || 'N/A' },
    SecurityOptions: [
      ...(settings.hasAppArmor ? ['name=apparmor'] : []),
      `name=seccomp,profile=${settings.seccompName}`,
      ...(settings.remaps ? ['name=userns'] : []),
      ...(settings.hasOwnCgroupns ? ['name=cgroupns'] : []),
    ],
    DefaultAddressPools: pools.length > 0 ? pools : undefined,
    FirewallBackend: { Driver: 'nftables' },
    CDISpecDirs: settings.cdiDirs,
    DiscoveredDevices: devices.length ? devices : undefined,
    Warnings: null,
  } as unknown as SystemInfo
}

const maskPassword = (url = ''): string => url.replace(/^(\w+:\/\/)[^/@]*@/, '$1xxxxx:xxxxx@')

/** Registries without encryption are networks or hosts, which Docker lists in two places. */
function registriesOf({ insecureRegistries, mirrors }: EngineSettings) {
  const networks = insecureRegistries.filter(name => name.includes('/'))
  const hosts = insecureRegistries.filter(name => !name.includes('/'))
  const official = { Mirrors: mirrors, Name: 'docker.io', Official: true, Secure: true }
  const others = hosts.map(Name => [Name, { Mirrors: [], Name, Official: false, Secure: false }] as const)
  return {
    IndexConfigs: { 'docker.io': official, ...Object.fromEntries(others) },
    InsecureRegistryCIDRs: [...networks, '::1/128', '127.0.0.0/8'],
    Mirrors: mirrors.length > 0 ? mirrors : null,
  }
}
