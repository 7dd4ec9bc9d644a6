import { closeSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { EngineError, messageOf } from '../base/errors.ts'
import { holdTree } from '../kernel/root.ts'
import { toOutside } from '../snapshot/owners.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerConfig, HostConfig } from '../spec/engine-api/container.ts'
import type { Volume } from '../spec/engine-api/volume.ts'
import type { IdMap, Place } from '../spec/mount.ts'
import type { RuntimeMount } from '../spec/oci-runtime.ts'
import { checkBindSource, ensureBindSource } from '../volume/bind-source.ts'
import { copyUp } from '../volume/copy-up.ts'
import { parseMounts, parseTmpfs } from '../volume/parse-mounts.ts'
import type { PlannedMount } from '../volume/planned-mount.ts'
import { checkPropagation } from '../volume/propagation.ts'
import { checkSubpath } from '../volume/subpath.ts'
import type { ContainerDeps } from './deps.ts'
import type { ContainerRecord } from './record.ts'
import { remapOf, shifted } from './remap.ts'
import { mountPlace, needsUserFiles, readUserFiles, taskDir } from './rootfs.ts'
import { resolveUser } from './user.ts'

interface Planning {
  readonly id: string
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  readonly chainId: Digest | undefined
}

/** Resolves what the user asked to mount; makes the volumes that are missing and fills new ones from the image. */
export async function planMounts(
  deps: ContainerDeps,
  planning: Planning,
  undo: AsyncDisposableStack,
): Promise<readonly PlannedMount[]> {
  const { config, hostConfig } = planning
  const volumes = Object.keys(config.Volumes ?? {})
  const mountsOf = (key: string) => {
    try {
      return deps.store.find(key).mounts
    } catch (cause) {
      throw new EngineError('invalid', messageOf(cause), { cause }) // a 404 here would make clients pull the image
    }
  }
  const planned: PlannedMount[] = []
  for (const mount of parseMounts({ hostConfig, volumes, mountsOf })) {
    checkBindSource(mount)
    if (mount.Type === 'image') deps.images.resolve(mount.Source!)
    planned.push(mount.Type === 'volume' ? await planVolume(deps, planning, mount, undo) : mount)
  }
  return planned
}

async function planVolume(
  deps: ContainerDeps,
  planning: Planning,
  mount: PlannedMount,
  undo: AsyncDisposableStack,
): Promise<PlannedMount> {
  const isNew = !mount.Name || !(await deps.volumes.find(mount.Name))
  const volume = await deps.volumes.create({
    name: mount.Name,
    driver: mount.Driver,
    options: mount.driverOptions,
    labels: mount.labels,
  })
  const name = volume.Name!
  if (isNew) undo.defer(() => deps.volumes.remove(name, true).catch(() => {}))
  if (!mount.noCopy && !mount.subpath && planning.chainId) await fill(deps, planning, volume, mount.Destination!)
  const RW = mount.RW === true && !deps.volumes.isReadOnly(name)
  // Docker shows local volumes as relabelled, though nobody asked; not those of VOLUME, which say nothing about copying
  const isPlain = mount.noCopy !== undefined && !mount.Mode && !mount.borrowed && volume.Driver === 'local'
  const Mode = isPlain ? 'z' : mount.Mode
  return { ...mount, Name: name, Source: volume.Mountpoint, Driver: volume.Driver, RW, Mode }
}

/** An empty volume starts with what the image has at its place. */
async function fill(
  deps: ContainerDeps,
  { id, chainId, hostConfig }: Planning,
  volume: Volume,
  destination: string,
): Promise<void> {
  const place = mkdtempSync(join(deps.settings.execRoot, mountPlace))
  await using undo = new AsyncDisposableStack()
  const mount = () => {
    undo.defer(() => deps.volumes.unmount(volume.Name!, id))
    return deps.volumes.mount(volume.Name!, id)
  }
  const root = holdTree([shifted(deps, hostConfig, deps.snapshots.mount(chainId))], place)
  try {
    await copyUp(mount, `/proc/${process.pid}/fd/${root}`, destination, volume.Options)
  } finally {
    closeSync(root)
    rmdirSync(place)
  }
}

/** Where mounts come from. */
export interface MountSources {
  /** mount point → path on the host, or name of a place in the bundle */
  readonly paths: ReadonlyMap<string, string>
  readonly places: readonly Place[]
}

export const noSources: MountSources = { paths: new Map(), places: [] }

/** Makes volumes reachable and finds where each mount comes from. */
export async function mountVolumes(deps: ContainerDeps, record: ContainerRecord): Promise<MountSources> {
  const paths = new Map<string, string>()
  const places: Place[] = []
  for (const mount of record.mounts) {
    if (mount.Type === 'tmpfs') continue
    const place = mount.Type === 'image' ? imagePlace(deps, record, mount, places.length) : undefined
    const dir = place ? '' : await sourceOf(deps, record, mount)
    const part = place ?? partPlace(deps, record, mount, dir, places.length)
    if (part) places.push(part)
    paths.set(mount.Destination!, part ? join(taskDir(deps, record.id), part.name) : dir)
    if (mount.Type === 'volume') deps.volumes.announce('mount', mount.Name!, mountAttributes(record, mount))
  }
  return { paths, places }
}

async function sourceOf(deps: ContainerDeps, record: ContainerRecord, mount: PlannedMount): Promise<string> {
  const { Type, Name, Source, Propagation } = mount
  if (Type === 'volume') return deps.volumes.mount(Name!, record.id)
  if (mount.conflict) throw new EngineError('invalid', mount.conflict)
  ensureBindSource(mount)
  checkPropagation(Source!, Propagation ?? '')
  return Source!
}

/** What has to be mounted by us before the runtime can mount it. */
function partPlace(
  deps: ContainerDeps,
  record: ContainerRecord,
  mount: PlannedMount,
  dir: string,
  index: number,
): Place | undefined {
  const { idMapped, subpath } = mount
  if (!subpath && !idMapped) return undefined
  if (subpath) checkSubpath(dir, subpath)
  const idMap = idMapped ? idMapOf(deps, record, dir) : undefined
  return { name: `part-${index}`, mounts: [{ type: 'bind', source: dir, options: [] }], subpath, idMap }
}

/** Who owns `dir` and the container's user take each other's place. */
function idMapOf(deps: ContainerDeps, record: ContainerRecord, dir: string): IdMap {
  const owner = statSync(dir)
  const files = needsUserFiles(record) ? readUserFiles(deps, record) : { passwd: '', group: '' }
  const user = resolveUser(record.config.User ?? '', files)
  const remap = remapOf(deps.settings, record.hostConfig)
  if (!remap) return { uids: [owner.uid, user.uid], gids: [owner.gid, user.gid] }
  return { uids: [owner.uid, toOutside(remap.uids, user.uid)], gids: [owner.gid, toOutside(remap.gids, user.gid)] }
}

/** The files of another image, which nobody can change. */
function imagePlace(
  deps: ContainerDeps,
  record: ContainerRecord,
  { Source, subpath }: PlannedMount,
  index: number,
): Place {
  const { chainId } = deps.images.resolve(Source!)
  return { name: `image-${index}`, mounts: [shifted(deps, record.hostConfig, deps.snapshots.mount(chainId))], subpath }
}

const mountAttributes = ({ id }: ContainerRecord, { Destination, Driver, Propagation, RW }: PlannedMount) => ({
  container: id,
  destination: Destination!,
  driver: Driver ?? 'local',
  propagation: Propagation ?? '',
  'read/write': String(RW ?? true),
})

export async function unmountVolumes(deps: ContainerDeps, record: ContainerRecord): Promise<void> {
  for (const { Type, Name, Driver } of record.mounts) {
    if (Type !== 'volume') continue
    // the container has ended, whatever a plugin thinks of it
    await deps.volumes
      .unmount(Name!, record.id)
      .catch(error => deps.log.warn('volume not unmounted', { name: Name, id: record.id, error }))
    deps.volumes.announce('unmount', Name!, { container: record.id, driver: Driver ?? 'local' })
  }
}

const depth = (path: string): number => path.split('/').length

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

function toRuntimeMount(mount: PlannedMount, sources: MountSources): RuntimeMount {
  const destination = mount.Destination!
  if (mount.Type === 'tmpfs') return { destination, type: 'tmpfs', source: 'tmpfs', options: mount.options ?? [] }
  const source = sources.paths.get(destination)!
  // crun cannot do it to a file, which has nothing below it anyway
  const isWhole = mount.recursiveReadOnly !== 'off' && !mount.nonRecursive && isDirectory(source)
  const access = mount.RW ? ['rw'] : isWhole ? ['ro', 'rro'] : ['ro']
  const options = [mount.nonRecursive ? 'bind' : 'rbind', ...access, mount.Propagation || 'rprivate']
  return { destination, type: 'bind', source, options }
}

/** The mounts of a container for the runtime, parents before children. */
export function toRuntimeMounts(
  record: ContainerRecord,
  etcDir: string,
  sources: MountSources,
): readonly RuntimeMount[] {
  const { Tmpfs, ReadonlyRootfs } = record.hostConfig
  const etc = ['hosts', 'hostname', 'resolv.conf'].map(
    (name): RuntimeMount => ({
      destination: `/etc/${name}`,
      type: 'bind',
      source: join(etcDir, name),
      options: ['rbind', 'rprivate', ...(ReadonlyRootfs ? ['ro'] : [])],
    }),
  )
  const isReplaced = (place: string) =>
    record.mounts.some(({ Type, Destination }) => Type === 'tmpfs' && Destination === place)
  const wished = Object.entries(Tmpfs ?? {})
    .map(([place, options]) => [posix.normalize(place), options] as const)
    .filter(([place]) => !isReplaced(place))
  const tmpfs = wished.map(
    ([destination, options]): RuntimeMount => ({
      destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: parseTmpfs(options),
    }),
  )
  const own = [...record.mounts.map(mount => toRuntimeMount(mount, sources)), ...tmpfs]
  const taken = new Set(own.map(({ destination }) => destination))
  const all = [...etc.filter(({ destination }) => !taken.has(destination)), ...own]
  return all.toSorted((a, b) => depth(a.destination) - depth(b.destination))
}
