import type { HostConfig } from '../spec/engine-api/container.ts'
import type {
  IdMapping,
  RuntimeCapabilities,
  RuntimeMount,
  RuntimeNamespace,
  RuntimeProcess,
  RuntimeResources,
  RuntimeSpec,
} from '../spec/oci-runtime.ts'
import { capabilitiesOf } from './capabilities.ts'
import { devicesOf } from './devices.ts'
import { type ContainerRecord, joinedContainer } from './record.ts'
import { firstResourcesOf } from './resources.ts'
import { seccompOf } from './seccomp.ts'
import { appArmorOf, parseSecurityOptions } from './security.ts'
import type { ResolvedUser } from './user.ts'

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface SpecInputs {
  readonly record: ContainerRecord
  readonly user: ResolvedUser
  /** binds, volumes and tmpfs, parents before children */
  readonly mounts: readonly RuntimeMount[]
  /** path of the network namespace; undefined is the host's */
  readonly networkPath: string | undefined
  readonly userNamespace?:
    | {
        readonly path: string
        readonly uidMappings: readonly IdMapping[]
        readonly gidMappings: readonly IdMapping[]
      }
    | undefined
  /** namespace paths of the containers that this one joins */
  readonly joined: { readonly ipc?: string | undefined; readonly pid?: string | undefined }
  /** where the shared memory of the container that it joins will be mounted */
  readonly joinedMemory?: string | undefined
  readonly cgroup: string
  readonly env: readonly string[]
  readonly initPath: string | undefined
  readonly noNewPrivileges: boolean
  /** of containers that ask for none */
  readonly seccompProfile: string | undefined
  readonly hasAppArmor: boolean
}

const keyOf = (entry: string): string => entry.split('=', 1)[0]!

/** Later entries win by key; an entry without `=` takes the variable away. */
export function mergeEnv(...lists: readonly (readonly string[])[]): readonly string[] {
  const merged = new Map<string, string>()
  for (const entry of lists.flat()) {
    if (entry.includes('=')) merged.set(keyOf(entry), entry)
    else merged.delete(entry)
  }
  return [...merged.values()]
}

/** Environment of every process in the container, execs included. */
export function baseEnv({ config, hostConfig }: ContainerRecord, home: string): readonly string[] {
  const isHost = hostConfig.NetworkMode === 'host'
  const hostname = isHost || config.Hostname ? [`HOSTNAME=${config.Hostname}`] : []
  const fixed = [defaultPath, ...hostname, ...(config.Tty ? ['TERM=xterm'] : [])]
  const merged = mergeEnv(fixed, config.Env ?? [])
  return merged.some(entry => entry.startsWith('HOME=')) ? merged : [...merged, `HOME=${home}`]
}

export function processCapabilities(host: HostConfig, uid: number): RuntimeCapabilities {
  const bounding = capabilitiesOf(host)
  const effective = uid === 0 ? bounding : []
  return { bounding, effective, permitted: effective }
}

function standardMounts(host: HostConfig, joinedMemory: string | undefined): readonly RuntimeMount[] {
  const access = host.Privileged ? 'rw' : 'ro'
  const groups = (parseSecurityOptions(host).writableCgroups ?? host.Privileged) ? 'rw' : 'ro'
  const mounts: readonly RuntimeMount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', access] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [groups, 'nosuid', 'noexec', 'nodev'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  ]
  return [...mounts, ...sharedMemory(host, joinedMemory)]
}

function sharedMemory({ IpcMode, ShmSize }: HostConfig, joined: string | undefined): readonly RuntimeMount[] {
  if (IpcMode === 'host') return [{ destination: '/dev/shm', type: 'bind', source: '/dev/shm', options: ['rbind'] }]
  if (joined) return [{ destination: '/dev/shm', type: 'bind', source: joined, options: ['rbind', 'rprivate'] }]
  if (IpcMode === 'none') return []
  const options = ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${ShmSize}`]
  return [{ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options }]
}

function namespacesOf({ record, networkPath, userNamespace, joined }: SpecInputs): readonly RuntimeNamespace[] {
  const host = record.hostConfig
  const found: RuntimeNamespace[] = [{ type: 'mount' }]
  if (userNamespace) found.push({ type: 'user', path: userNamespace.path })
  if (networkPath !== undefined) found.push({ type: 'network', path: networkPath })
  if (host.UTSMode !== 'host') found.push({ type: 'uts' })
  if (host.PidMode !== 'host') found.push({ type: 'pid', ...(joined.pid && { path: joined.pid }) })
  if (host.IpcMode !== 'host') found.push({ type: 'ipc', ...(joined.ipc && { path: joined.ipc }) })
  if (host.CgroupnsMode === 'private') found.push({ type: 'cgroup' })
  return found
}

function processOf({ record, user, env, hasAppArmor, initPath, noNewPrivileges }: SpecInputs): RuntimeProcess {
  const { config, hostConfig: host } = record
  const security = parseSecurityOptions(host)
  const apparmorProfile = appArmorOf(host, hasAppArmor)
  const hasInit = host.Init && !host.PidMode
  const size = host.ConsoleSize
  return {
    terminal: config.Tty ?? false,
    ...(config.Tty && size?.[0] && { consoleSize: { height: size[0], width: size[1]! } }),
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids ?? [] },
    args:
      hasInit && initPath ? ['/sbin/docker-init', '--', record.path, ...record.args] : [record.path, ...record.args],
    env,
    cwd: config.WorkingDir || '/',
    capabilities: processCapabilities(host, user.uid),
    noNewPrivileges: security.noNewPrivileges ?? noNewPrivileges,
    ...(apparmorProfile && { apparmorProfile }),
    ...(host.OomScoreAdj && { oomScoreAdj: host.OomScoreAdj }),
    rlimits: (host.Ulimits ?? []).map(({ Name, Soft = 0, Hard = 0 }) => ({
      type: `RLIMIT_${Name!.toUpperCase()}`,
      soft: Soft,
      hard: Hard,
    })),
  }
}

function sysctlsOf({
  record: { config, hostConfig: host },
  networkPath,
  userNamespace,
}: SpecInputs): Readonly<Record<string, string>> {
  const isPrivate = networkPath !== undefined && !joinedContainer(host.NetworkMode)
  return {
    ...(isPrivate && { 'net.ipv4.ip_unprivileged_port_start': '0' }),
    // a user namespace has not that many groups
    ...(isPrivate && !userNamespace && { 'net.ipv4.ping_group_range': '0 2147483647' }),
    // crun and older runtimes know no other way to set it
    ...(config.Domainname && host.UTSMode !== 'host' && { 'kernel.domainname': config.Domainname }),
    ...host.Sysctls,
  }
}

function seccompFor(host: HostConfig, fallback: string | undefined): unknown {
  const { seccomp = host.Privileged ? undefined : fallback } = parseSecurityOptions(host)
  if ((host.Privileged && !seccomp) || seccomp === 'unconfined') return undefined
  return seccompOf(seccomp === 'builtin' ? undefined : seccomp, capabilitiesOf(host))
}

const isCovered = (destination: string, mounts: readonly RuntimeMount[]) =>
  mounts.some(mount => mount.destination === destination)

/**
 * What the OCI runtime is told to do for a container; pure but for a look at the host's device nodes.
 * Spec: https://github.com/opencontainers/runtime-spec/blob/main/config.md
 */
export function toRuntimeSpec(inputs: SpecInputs): RuntimeSpec {
  const { record, mounts, initPath } = inputs
  const { config, hostConfig: host } = record
  const { devices, rules } = devicesOf(host)
  const seccomp = seccompFor(host, inputs.seccompProfile)
  const init: readonly RuntimeMount[] =
    host.Init && !host.PidMode && initPath
      ? [{ destination: '/sbin/docker-init', type: 'bind', source: initPath, options: ['bind', 'ro'] }]
      : []
  const resources: RuntimeResources = { ...firstResourcesOf(host), devices: rules }
  return {
    ociVersion: '1.0.2',
    process: processOf(inputs),
    root: { path: 'rootfs', readonly: host.ReadonlyRootfs ?? false },
    ...(host.UTSMode !== 'host' && config.Hostname && { hostname: config.Hostname }),
    mounts: [
      ...standardMounts(host, inputs.joinedMemory).filter(({ destination }) => !isCovered(destination, mounts)),
      ...init,
      ...mounts,
    ],
    ...(host.Annotations && { annotations: host.Annotations }),
    linux: {
      namespaces: namespacesOf(inputs),
      ...(inputs.userNamespace && {
        uidMappings: inputs.userNamespace.uidMappings,
        gidMappings: inputs.userNamespace.gidMappings,
      }),
      devices,
      cgroupsPath: inputs.cgroup,
      resources,
      rootfsPropagation: 'rprivate',
      sysctl: sysctlsOf(inputs),
      maskedPaths: host.MaskedPaths ?? [],
      readonlyPaths: host.ReadonlyPaths ?? [],
      ...(seccomp !== undefined && { seccomp }),
    },
  }
}
