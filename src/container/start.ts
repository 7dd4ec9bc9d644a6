import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, isEngineError, messageOf } from '../base/errors.ts'
import type { Sandbox } from '../network/networks.ts'
import { criuSettingsFile, type Program } from '../runtime/runtime.ts'
import { toStartError } from '../runtime/supervised/failure.ts'
import type { Place } from '../spec/mount.ts'
import type { RuntimeMount, RuntimeSpec } from '../spec/oci-runtime.ts'
import { checkBindSource } from '../volume/bind-source.ts'
import type { CdiEdits } from './cdi.ts'
import { applyCdiEdits } from './cdi-apply.ts'
import { checkpointsDir, criuDir, findCheckpointDir } from './checkpoint/directory.ts'
import type { ContainerDeps } from './deps.ts'
import { requestedEdits } from './devices.ts'
import { emitFor } from './events.ts'
import { startHealthChecks } from './health.ts'
import { linkTargets, linkVariables, refreshLinks } from './links.ts'
import { logSettingsOf } from './log-settings.ts'
import { type MountSources, mountVolumes, toRuntimeMounts, unmountVolumes } from './mounts.ts'
import { type OwnNamespaces, openOwnNamespaces } from './own-namespaces.ts'
import { pickRuntime } from './pick-runtime.ts'
import { type ContainerRecord, isAlive, isRunning, joinedContainer } from './record.ts'
import { letRootPass, mappingsOf, remapOf } from './remap.ts'
import { finishRemoval } from './remove.ts'
import { checkShares } from './resources.ts'
import {
  containerDir,
  logPaths,
  makeContainerDir,
  needsUserFiles,
  readUserFiles,
  rootMount,
  taskDir,
} from './rootfs.ts'
import { baseEnv, toRuntimeSpec } from './runtime-spec.ts'
import { resolveUser } from './user.ts'
import { rootUserFiles } from './user-files.ts'

export const cgroupOf = ({ settings }: Pick<ContainerDeps, 'settings'>, { id, hostConfig }: ContainerRecord): string =>
  join('/', hostConfig.CgroupParent || settings.cgroupParent, id)

interface Net {
  /** undefined: the host's */
  readonly path: string | undefined
  readonly sandbox?: Sandbox
  readonly hosts?: string
  readonly resolvConf?: string
}

const alivePid = (deps: ContainerDeps, id: string, what: 'network' | 'ipc' | 'pid'): number => {
  const other = deps.store.find(id)
  if (isAlive(other)) return other.state.pid
  const text =
    what === 'network'
      ? `cannot join network namespace of a non running container: container ${other.name} is ${other.state.status}`
      : `failed to join ${what.toUpperCase()} namespace: container ${other.id} is not running`
  throw new EngineError('conflict', text)
}

function refusePrivateIpc({ id, hostConfig }: ContainerRecord): void {
  if (hostConfig.IpcMode !== 'private' && hostConfig.IpcMode !== 'none') return
  const hint = 'non-shareable IPC (hint: use IpcMode:shareable for the donor container)'
  throw new EngineError('internal', `failed to join IPC namespace: container ${id}: ${hint}`)
}

/** Who joins another's network has its host name too. */
function withJoinedHostname(deps: ContainerDeps, record: ContainerRecord): ContainerRecord {
  const other = joinedContainer(record.hostConfig.NetworkMode)
  if (!other) return record
  if (isSame(deps, other, record.id)) throw new EngineError('invalid', 'cannot join own network namespace')
  joinedPid(deps, other) // says first what is wrong with it
  const { Hostname, Domainname } = deps.store.find(other).config
  return { ...record, config: { ...record.config, Hostname, Domainname } }
}

/** Its name may have been free when it was made. */
const isSame = ({ store }: ContainerDeps, key: string, id: string): boolean =>
  key === id || store.all().some(other => other.id === id && other.name === key)

function joinedPid(deps: ContainerDeps, id: string): number {
  try {
    return alivePid(deps, id, 'network')
  } catch (cause) {
    if (!isEngineError(cause, 'not-found')) throw cause
    throw new EngineError('not-found', `joining network namespace of container: ${messageOf(cause)}`, { cause })
  }
}

export async function attachNetwork(
  deps: ContainerDeps,
  record: ContainerRecord,
  namespace: number | undefined,
): Promise<Net> {
  const { hostConfig: host, config } = record
  const other = joinedContainer(host.NetworkMode)
  if (other && config.Labels?.['berth.egress'] !== undefined)
    throw new EngineError(
      'invalid',
      'label berth.egress has no effect in the network of another container: set it there',
    )
  if (other) return { path: `/proc/${joinedPid(deps, other)}/ns/net` }
  const links = linkTargets(deps, record)
  try {
    const sandbox = await deps.networks.attach({
      containerId: record.id,
      name: record.name,
      hostname: config.Hostname ?? '',
      domainname: config.Domainname ?? '',
      endpoints: record.endpoints,
      exposedPorts: Object.keys(config.ExposedPorts ?? {}),
      portBindings: host.PortBindings ?? {},
      publishAllPorts: host.PublishAllPorts ?? false,
      dns: host.Dns ?? [],
      dnsSearch: host.DnsSearch ?? [],
      dnsOptions: host.DnsOptions ?? [],
      extraHosts: host.ExtraHosts ?? [],
      sysctls: host.Sysctls ?? {},
      egress: { list: config.Labels?.['berth.egress'], log: join(containerDir(deps, record.id), 'egress.log') },
      links,
      namespace,
    })
    const isHost = host.NetworkMode === 'host'
    return {
      path: isHost ? undefined : sandbox.namespacePath,
      sandbox,
      hosts: sandbox.hosts,
      resolvConf: sandbox.resolvConf,
    }
  } catch (error) {
    const kind = error instanceof EngineError ? error.kind : 'internal'
    throw new EngineError(kind, `failed to set up container networking: ${messageOf(error)}`, { cause: error })
  }
}

/** The three files under /etc, written anew at each start; a container that joins another's network shares its files. */
function writeEtc(deps: ContainerDeps, record: ContainerRecord, net: Net): string {
  const other = joinedContainer(record.hostConfig.NetworkMode)
  if (other) return containerDir(deps, deps.store.find(other).id)
  const dir = containerDir(deps, record.id)
  writeFileSync(join(dir, 'hostname'), `${record.config.Hostname}\n`)
  writeFileSync(join(dir, 'hosts'), net.hosts ?? '')
  writeFileSync(join(dir, 'resolv.conf'), net.resolvConf ?? '')
  return dir
}

/** Who joins another's IPC namespace has its /dev/shm, too, which is mounted nowhere but there. */
function memoryPlaceOf(deps: ContainerDeps, { hostConfig }: ContainerRecord): Place | undefined {
  const other = joinedContainer(hostConfig.IpcMode)
  return other ? { name: 'shm', mounts: [], of: { pid: alivePid(deps, other, 'ipc'), path: '/dev/shm' } } : undefined
}

function refuseShares(record: ContainerRecord): void {
  try {
    checkShares(record.hostConfig)
  } catch (error) {
    const where = 'error during container init: error setting cgroup config for procHooks process'
    throw toStartError(`${where}: ${messageOf(error)}`, 'create', programOf(record))
  }
}

export function writeBundle(
  deps: ContainerDeps,
  record: ContainerRecord,
  net: Net,
  own: OwnNamespaces | undefined,
  sources: MountSources,
  extraMounts: readonly RuntimeMount[] = [],
  edits: readonly CdiEdits[] = [],
  change = (spec: RuntimeSpec): RuntimeSpec => spec,
): string {
  const bundle = taskDir(deps, record.id)
  mkdirSync(bundle, { recursive: true, mode: 0o700 })
  const remap = remapOf(deps.settings, record.hostConfig)
  if (remap) letRootPass(bundle, remap)
  const files = needsUserFiles(record) ? readUserFiles(deps, record) : rootUserFiles(deps, record)
  const user = resolveUser(record.config.User ?? '', files, record.hostConfig.GroupAdd ?? [])
  const namespaceOf = (mode: string | undefined, kind: 'ipc' | 'pid') => {
    if (mode === 'container:')
      throw new EngineError('invalid', 'failed to join IPC namespace: invalid name or ID supplied: ""')
    const other = joinedContainer(mode)
    if (!other) return undefined
    const pid = alivePid(deps, other, kind)
    if (kind === 'ipc') refusePrivateIpc(deps.store.find(other))
    return `/proc/${pid}/ns/${kind}`
  }
  refuseShares(record)
  const memory = memoryPlaceOf(deps, record)
  const spec = toRuntimeSpec({
    record,
    user,
    mounts: [...toRuntimeMounts(record, writeEtc(deps, record, net), sources), ...extraMounts],
    networkPath: net.path,
    userNamespace: own && remap && { path: own.userPath, ...mappingsOf(remap) },
    joined: { ipc: namespaceOf(record.hostConfig.IpcMode, 'ipc'), pid: namespaceOf(record.hostConfig.PidMode, 'pid') },
    joinedMemory: memory && join(bundle, memory.name),
    cgroup: cgroupOf(deps, record),
    env: [...baseEnv(record, user.home), ...linkVariables(deps, record)],
    initPath: deps.settings.initPath,
    noNewPrivileges: deps.settings.noNewPrivileges,
    seccompProfile: deps.settings.seccompProfile,
    hasAppArmor: deps.settings.hasAppArmor,
  })
  const annotations = { 'org.criu.config': join(bundle, criuSettingsFile), ...spec.annotations }
  writeFileSync(
    join(bundle, 'config.json'),
    JSON.stringify(change(edits.reduce(applyCdiEdits, { ...spec, annotations }))),
  )
  return bundle
}

async function launch(
  deps: ContainerDeps,
  given: ContainerRecord,
  undo: AsyncDisposableStack,
  checkpoint: string,
): Promise<ContainerRecord> {
  const record = withJoinedHostname(deps, given)
  const edits = requestedEdits(record, deps.settings.cdiDirs)
  makeContainerDir(deps, record.id)
  undo.defer(() => deps.runtime.forget(record.id))
  undo.defer(() => unmountVolumes(deps, record))
  const sources = await mountVolumes(deps, record)
  undo.defer(() => deps.networks.detach(record.id))
  using own = await openOwnNamespaces(deps, record)
  const net = await attachNetwork(deps, record, own?.network)
  const bundle = writeBundle(deps, record, net, own, sources, [], edits)
  const { config, hostConfig } = record
  const memory = memoryPlaceOf(deps, record)
  const { pid, startedAt } = await deps.runtime.start({
    id: record.id,
    bundle,
    rootfs: [rootMount(deps, record)],
    places: memory ? [...sources.places, memory] : sources.places,
    runtime: pickRuntime(deps.settings, hostConfig.Runtime!),
    cgroup: cgroupOf(deps, record),
    stdio: { tty: config.Tty ?? false, stdin: config.OpenStdin ?? false, stdinOnce: config.StdinOnce ?? false },
    dns: net.sandbox?.dns && net.path ? { config: net.sandbox.dns, namespace: net.path } : undefined,
    log: logSettingsOf(record, logPaths(deps, record.id)),
    ...(checkpoint && { checkpoint: { imagePath: checkpoint, workPath: criuDir(deps, record) } }),
    program: programOf(record),
  })
  deps.networks.started(record.id, pid)
  const { health } = record.state
  return {
    ...record,
    state: {
      status: 'running',
      pid,
      exitCode: 0,
      error: '',
      oomKilled: false,
      startedAt,
      finishedAt: record.state.finishedAt,
      // what the probes of earlier runs said stays on the list
      ...(health && { health: { ...health, Status: 'starting', FailingStreak: 0 } }),
    },
    endpoints: net.sandbox?.endpoints ?? record.endpoints,
    ports: net.sandbox?.ports ?? {},
    hasStarted: true,
  }
}

/** What the user asked to run, for the text of a failure. */
export const programOf = ({ path, config }: ContainerRecord): Program => ({
  command: path,
  cwd: config.WorkingDir || '/',
})

/** 126 and 127 are the runtime's to tell. */
const exitCodeOf = (message: string): number => {
  if (!message.startsWith('failed to create task')) return 128
  if (/executable file not found|no such file or directory/.test(message)) return 127
  if (/permission denied|is a directory/.test(message)) return 126
  return /Are you trying to mount/.test(message) ? 127 : 128
}

async function recordFailure(deps: ContainerDeps, record: ContainerRecord, error: unknown): Promise<void> {
  const message = messageOf(error)
  const isNetwork = message.startsWith('failed to set up container networking')
  const state = { ...record.state, pid: 0, error: message, exitCode: exitCodeOf(message) }
  const failed = {
    ...record,
    state:
      isNetwork || !record.hasStarted
        ? { ...state, status: 'created' as const }
        : { ...state, status: 'exited' as const },
  }
  deps.store.putState(failed)
  if (record.hostConfig.AutoRemove) await finishRemoval(deps, failed, { volumes: true })
}

/**
 * Starts it; the caller holds its lock.
 *
 * @param checkpoint directory of a checkpoint that it is to go on from
 */
export async function startLocked(deps: ContainerDeps, record: ContainerRecord, checkpoint = ''): Promise<void> {
  await using undo = new AsyncDisposableStack()
  let started: ContainerRecord
  try {
    started = await launch(deps, record, undo, checkpoint)
  } catch (error) {
    await undo.disposeAsync()
    await recordFailure(deps, record, error)
    throw error
  }
  deps.store.putState(started)
  deps.lifecycle.started(started.id)
  undo.move()
  emitFor(deps, started, 'start')
  await refreshLinks(deps, started)
  startHealthChecks(deps, started)
}

export interface StartOptions {
  /** name of a checkpoint to go on from */
  readonly checkpoint?: string | undefined
  readonly checkpointDir?: string | undefined
}

/** @throws EngineError `not-modified` when it runs, `conflict` when it is paused or going away */
export async function startContainer(
  deps: ContainerDeps,
  id: string,
  { checkpoint = '', checkpointDir = '' }: StartOptions = {},
): Promise<void> {
  const { id: fullId } = deps.store.find(id)
  using _lock = await deps.locks.acquire(fullId)
  const record = deps.store.find(fullId)
  const { status } = record.state
  if (status === 'paused') throw new EngineError('conflict', 'cannot start a paused container, try unpause instead')
  if (isRunning(record)) throw new EngineError('not-modified', `Container ${id} is already running`)
  if (status === 'removing' || status === 'dead') {
    throw new EngineError('conflict', 'container is marked for removal and cannot be started')
  }
  for (const mount of record.mounts) checkBindSource(mount) // what is missing leaves no trace in the state
  deps.lifecycle.cancel(fullId)
  if (checkpoint !== '' && checkpointDir !== '')
    throw new EngineError('forbidden', 'custom checkpointdir is not supported')
  const from = checkpoint && findCheckpointDir(checkpointsDir(deps, record), checkpoint, `/${record.name}`)
  await startLocked(deps, { ...record, manuallyStopped: false, restartCount: 0 }, from)
}
