import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError, messageOf } from '../base/errors.ts'
import { criuSettingsFile, type Program } from '../runtime/runtime.ts'
import { toStartError } from '../runtime/supervised/failure.ts'
import type { Place } from '../spec/mount.ts'
import type { RuntimeMount, RuntimeSpec } from '../spec/oci-runtime.ts'
import type { Net } from './attach-network.ts'
import type { CdiEdits } from './cdi.ts'
import { applyCdiEdits } from './cdi-apply.ts'
import type { ContainerDeps } from './deps.ts'
import { alivePid, refusePrivateIpc } from './joined.ts'
import { linkVariables } from './links.ts'
import { type MountSources, toRuntimeMounts } from './mounts.ts'
import type { OwnNamespaces } from './own-namespaces.ts'
import { type ContainerRecord, joinedContainer } from './record.ts'
import { letRootPass, mappingsOf, remapOf } from './remap.ts'
import { checkShares } from './resources.ts'
import { containerDir, needsUserFiles, readUserFiles, taskDir } from './rootfs.ts'
import { baseEnv, toRuntimeSpec } from './runtime-spec.ts'
import { resolveUser } from './user.ts'
import { rootUserFiles } from './user-files.ts'

/** The control group of a container, below those of all controllers. */
export const cgroupOf = ({ settings }: Pick<ContainerDeps, 'settings'>, { id, hostConfig }: ContainerRecord): string =>
  join('/', hostConfig.CgroupParent || settings.cgroupParent, id)

/** What the user asked to run, for the text of a failure. */
export const programOf = ({ path, config }: ContainerRecord): Program => ({
  command: path,
  cwd: config.WorkingDir || '/',
})

/** 126 and 127 are the runtime's to tell. */
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
export function memoryPlaceOf(deps: ContainerDeps, { hostConfig }: ContainerRecord): Place | undefined {
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

/** Writes the directory that the runtime starts it from: https://github.com/opencontainers/runtime-spec/blob/main/bundle.md */
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
