import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { RootHandle } from '../kernel/enter-root.ts'
import { projectOf } from '../kernel/project-quota.ts'
import { type Bind, holdTree, readInRoot } from '../kernel/root.ts'
import type { Mount } from '../spec/mount.ts'
import type { ContainerDeps } from './deps.ts'
import { keepsJsonFile } from './log-settings.ts'
import { type ContainerRecord, isAlive } from './record.ts'
import { remapOf, shifted } from './remap.ts'
import type { UserFiles } from './user.ts'

export const containerDir = ({ settings }: Pick<ContainerDeps, 'settings'>, id: string): string =>
  join(settings.root, 'containers', id)
export const upperDir = (dir: string): string => join(dir, 'diff')
export const taskDir = ({ settings }: Pick<ContainerDeps, 'settings'>, id: string): string =>
  join(settings.execRoot, 'tasks', id)
/** Docker's public file, and the one that we keep for `docker logs` where a driver sends messages away. */
export const logPaths = (deps: Pick<ContainerDeps, 'settings'>, id: string) => ({
  json: join(containerDir(deps, id), `${id}-json.log`),
  cache: join(containerDir(deps, id), 'container-cached.log'),
})

/** The file that `docker logs` reads. */
export function logPath(deps: Pick<ContainerDeps, 'settings'>, record: ContainerRecord): string {
  const { json, cache } = logPaths(deps, record.id)
  return keepsJsonFile(record) ? json : cache
}

/**
 * A layer shared by all containers, above the image and below what they write: the places that the runtime mounts
 * over, so that `diff` and `commit` do not see them.
 */
export function openInitLayer(root: string, kind: InitLayer = 'container'): string {
  if (kind === 'sandbox') return openSandboxLayer(root)
  const dir = join(root, 'snapshots', 'init')
  if (existsSync(join(dir, '.dockerenv'))) return dir
  for (const folder of ['dev/pts', 'dev/shm', 'proc', 'sys', 'etc']) mkdirSync(join(dir, folder), { recursive: true })
  for (const file of ['etc/hosts', 'etc/hostname', 'etc/resolv.conf', 'dev/console']) writeFileSync(join(dir, file), '')
  symlinkSync('/proc/mounts', join(dir, 'etc/mtab'))
  writeFileSync(join(dir, '.dockerenv'), '')
  return dir
}

/** What is mounted over in a container, or in a step of BuildKit, which is no container to what runs in it. */
type InitLayer = 'container' | 'sandbox'

function openSandboxLayer(root: string): string {
  const dir = join(root, 'snapshots', 'init-sandbox')
  if (existsSync(join(dir, 'dev/console'))) return dir
  for (const folder of ['dev/pts', 'dev/shm', 'proc', 'sys', 'etc']) mkdirSync(join(dir, folder), { recursive: true })
  for (const file of ['etc/hosts', 'etc/resolv.conf', 'dev/console']) writeFileSync(join(dir, file), '')
  return dir
}

/** Directories of one container; calm when they are there. */
export function makeContainerDir(deps: ContainerDeps, id: string): string {
  const dir = containerDir(deps, id)
  mkdirSync(upperDir(dir), { recursive: true, mode: 0o755 })
  mkdirSync(join(dir, 'work'), { recursive: true, mode: 0o700 })
  return dir
}

export function removeContainerDir(deps: Pick<ContainerDeps, 'settings' | 'quota'>, id: string): void {
  const dir = containerDir(deps, id)
  const project = deps.quota ? projectOf(upperDir(dir)) : 0
  rmSync(dir, { recursive: true, force: true })
  if (project !== 0) deps.quota?.limit(project, 0)
}

/** The same mount with the shared places of the runtime below what is written. */
export function withInitLayer(deps: ContainerDeps, mount: Mount, kind?: InitLayer): Mount {
  const init = openInitLayer(deps.settings.root, kind)
  return { ...mount, options: mount.options.map(option => option.replace(/^lowerdir=/, `lowerdir=${init}:`)) }
}

/** How the container's root is mounted. */
export function rootMount(deps: ContainerDeps, record: ContainerRecord): Mount {
  const dir = containerDir(deps, record.id)
  const mount = deps.snapshots.mount(record.chainId, { upper: upperDir(dir), work: join(dir, 'work') })
  return shifted(deps, record.hostConfig, withInitLayer(deps, mount))
}

/** A descriptor of the container's root, with its volumes while it runs; close it. */
export function openContainerRoot(deps: ContainerDeps, record: ContainerRecord): { readonly fd: number } & Disposable {
  const fd = isAlive(record) ? openLiveRoot(record.state.pid) : openStoppedRoot(deps, record)
  return { fd, [Symbol.dispose]: () => closeSync(fd) }
}

/** The same for a thread to enter: with all that is mounted in it while it runs. */
export function rootHandle(deps: ContainerDeps, record: ContainerRecord): { readonly root: RootHandle } & Disposable {
  const remap = remapOf(deps.settings, record.hostConfig)
  const ids = remap && { uids: remap.uids, gids: remap.gids }
  if (isAlive(record)) return { root: { pid: record.state.pid, ids }, [Symbol.dispose]: () => {} }
  const { fd, ...held } = openContainerRoot(deps, record)
  return { root: { fd, ids }, ...held }
}

/** What the container consists of, without volumes and the like, to be read only. */
export function openContainerFiles(
  deps: ContainerDeps,
  record: ContainerRecord,
): { readonly root: RootHandle } & Disposable {
  const dir = makeContainerDir(deps, record.id)
  const lowers = withInitLayer(deps, deps.snapshots.mount(record.chainId))
  const mount = {
    ...lowers,
    options: lowers.options.map(option => option.replace(/^lowerdir=/, `lowerdir=${upperDir(dir)}:`)),
  }
  const fd = holdRoot(deps, [mount])
  return { root: { fd }, [Symbol.dispose]: () => closeSync(fd) }
}

function openLiveRoot(pid: number): number {
  return openSync(`/proc/${pid}/root`, 'r')
}

function openStoppedRoot(deps: ContainerDeps, record: ContainerRecord): number {
  makeContainerDir(deps, record.id)
  const binds = record.mounts
    .filter(({ Type, Source }) => Type !== 'tmpfs' && existsSync(Source!))
    .map(({ Source, Destination }) => ({ source: Source!, destination: Destination! }))
  return holdRoot(deps, [rootMount(deps, record)], [...etcBinds(deps, record), ...binds])
}

/** The files that were there when it ran last. */
const etcBinds = (deps: ContainerDeps, { id }: ContainerRecord): readonly Bind[] =>
  ['hosts', 'hostname', 'resolv.conf']
    .map(name => ({ source: join(containerDir(deps, id), name), destination: `/etc/${name}` }))
    .filter(({ source }) => existsSync(source))

/** Beginning of the names of directories that exist for one mount(2) only. */
export const mountPlace = 'root-'

function holdRoot({ settings }: ContainerDeps, mounts: readonly Mount[], binds: readonly Bind[] = []): number {
  const place = mkdtempSync(join(settings.execRoot, mountPlace))
  try {
    return holdTree(mounts, place, binds)
  } finally {
    rmdirSync(place)
  }
}

const isPlain = (user: string): boolean => user === '' || user === '0' || user === 'root'

/** The files that tell names of users; not opened when nobody asks for a name that is not root's. */
export function readUserFiles(deps: ContainerDeps, record: ContainerRecord): UserFiles {
  using root = openContainerRoot(deps, record)
  return { passwd: readInRoot(root.fd, '/etc/passwd') ?? '', group: readInRoot(root.fd, '/etc/group') ?? '' }
}

export const needsUserFiles = ({ config, hostConfig }: ContainerRecord): boolean =>
  !isPlain(config.User ?? '') || Boolean(hostConfig.GroupAdd?.length)
