import { closeSync, existsSync, mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'
import { holdTree } from '../kernel/root.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerConfig, HostConfig } from '../spec/engine-api/container.ts'
import type { RuntimeMount } from '../spec/oci-runtime.ts'
import { copyUp } from '../volume/copy-up.ts'
import { parseMounts, parseTmpfs } from '../volume/parse-mounts.ts'
import type { PlannedMount } from '../volume/planned-mount.ts'
import type { ContainerDeps } from './deps.ts'
import type { ContainerRecord } from './record.ts'

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
  const mountsOf = (key: string) => deps.store.find(key).mounts
  const planned: PlannedMount[] = []
  for (const mount of parseMounts({ hostConfig, volumes, mountsOf })) {
    if (mount.Type === 'bind' && mount.createSource === false) refuseMissing(mount.Source!)
    planned.push(mount.Type === 'volume' ? await planVolume(deps, planning, mount, undo) : mount)
  }
  return planned
}

function refuseMissing(source: string): void {
  if (existsSync(source)) return
  const why = `bind source path does not exist: ${source}`
  throw new EngineError('invalid', `invalid mount config for type "bind": ${why}`)
}

async function planVolume(
  deps: ContainerDeps,
  planning: Planning,
  mount: PlannedMount,
  undo: AsyncDisposableStack,
): Promise<PlannedMount> {
  const isNew = !mount.Name || !deps.volumes.get(mount.Name)
  const volume = await deps.volumes.create({
    name: mount.Name,
    driver: mount.Driver,
    options: mount.driverOptions,
    labels: mount.labels,
  })
  const name = volume.Name!
  if (isNew) undo.defer(() => deps.volumes.remove(name, true).catch(() => {}))
  if (!mount.noCopy && !mount.subpath && planning.chainId) await fill(deps, planning, name, mount.Destination!)
  return { ...mount, Name: name, Source: volume.Mountpoint, Driver: volume.Driver }
}

/** An empty volume starts with what the image has at its place. */
async function fill(
  deps: ContainerDeps,
  { id, chainId }: Planning,
  volume: string,
  destination: string,
): Promise<void> {
  const target = await deps.volumes.mount(volume, id)
  const place = mkdtempSync(join(deps.settings.execRoot, 'root-'))
  const root = holdTree([deps.snapshots.mount(chainId)], place)
  try {
    await copyUp(target, `/proc/${process.pid}/fd/${root}`, destination)
  } finally {
    closeSync(root)
    rmdirSync(place)
    await deps.volumes.unmount(volume, id)
  }
}

/** Volume name → directory of its files. */
export async function mountVolumes(deps: ContainerDeps, record: ContainerRecord): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>()
  for (const { Type, Name, Source } of record.mounts) {
    if (Type === 'volume') sources.set(Name!, await deps.volumes.mount(Name!, record.id))
    if (Type === 'bind' && !existsSync(Source!)) mkdirSync(Source!, { recursive: true })
  }
  return sources
}

export async function unmountVolumes(deps: ContainerDeps, record: ContainerRecord): Promise<void> {
  for (const { Type, Name } of record.mounts) if (Type === 'volume') await deps.volumes.unmount(Name!, record.id)
}

const depth = (path: string): number => path.split('/').length

function toRuntimeMount(mount: PlannedMount, sources: ReadonlyMap<string, string>): RuntimeMount {
  const destination = mount.Destination!
  if (mount.Type === 'tmpfs') return { destination, type: 'tmpfs', source: 'tmpfs', options: mount.options ?? [] }
  const source = mount.Type === 'volume' ? sources.get(mount.Name!)! : mount.Source!
  const options = [mount.nonRecursive ? 'bind' : 'rbind', mount.RW ? 'rw' : 'ro', mount.Propagation || 'rprivate']
  return { destination, type: 'bind', source: mount.subpath ? join(source, mount.subpath) : source, options }
}

/** The mounts of a container for the runtime, parents before children. */
export function toRuntimeMounts(
  record: ContainerRecord,
  etcDir: string,
  sources: ReadonlyMap<string, string>,
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
  const tmpfs = Object.entries(Tmpfs ?? {}).map(
    ([destination, options]): RuntimeMount => ({
      destination,
      type: 'tmpfs',
      source: 'tmpfs',
      options: parseTmpfs(options),
    }),
  )
  const own = [...record.mounts.map(mount => toRuntimeMount(mount, sources)), ...tmpfs]
  const taken = new Set(own.map(({ destination }) => destination))
  return [
    ...etc.filter(({ destination }) => !taken.has(destination)),
    ...own.toSorted((a, b) => depth(a.destination) - depth(b.destination)),
  ]
}
