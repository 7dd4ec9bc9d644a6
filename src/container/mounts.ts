import { existsSync, mkdirSync } from 'node:fs'
import { EngineError } from '../base/errors.ts'
import type { Digest } from '../spec/digest.ts'
import type { ContainerConfig, HostConfig } from '../spec/engine-api/container.ts'
import type { Mount } from '../spec/engine-api/volume.ts'
import type { RuntimeMount } from '../spec/oci-runtime.ts'
import { copyUp } from './copy-up.ts'
import type { ContainerDeps } from './deps.ts'
import type { ContainerRecord, PlannedMount } from './record.ts'

const invalid = (text: string) => new EngineError('invalid', text)
const propagations = ['shared', 'rshared', 'slave', 'rslave', 'private', 'rprivate']
const bindOptions = ['ro', 'rw', 'z', 'Z', 'nocopy', 'consistent', 'cached', 'delegated', ...propagations]

/** `src:dst[:options]`, as `-v` has it. */
function parseBind(text: string, driver: string): PlannedMount {
  const parts = text.split(':')
  if (parts.length > 3 || parts.some(part => part === '')) throw invalid(`invalid volume specification: '${text}'`)
  const [first, second, modes] = parts.length === 1 ? [undefined, parts[0], undefined] : parts
  const options = modes?.split(',') ?? []
  const unknown = options.find(option => !bindOptions.includes(option))
  if (unknown) throw new EngineError('internal', `invalid mode: ${modes}`)
  if (!second!.startsWith('/')) {
    throw new EngineError(
      'internal',
      `invalid volume specification: '${text}': invalid mount config for type "volume": invalid mount path: '${second}' mount path must be absolute`,
    )
  }
  const destination = second!.replace(/(?<=.)\/+$/, '')
  if (destination === '/')
    throw invalid(`invalid volume specification: '${text}': invalid specification: destination can't be '/'`)
  const common = { Destination: destination, RW: !options.includes('ro') }
  if (first?.startsWith('/')) {
    const propagation = options.find(option => propagations.includes(option)) ?? 'rprivate'
    return {
      Type: 'bind',
      Source: first.replace(/(?<=.)\/+$/, ''),
      ...common,
      Mode: modes ?? '',
      Propagation: propagation,
    }
  }
  return {
    Type: 'volume',
    Name: first ?? '',
    ...common,
    Driver: driver || 'local',
    Mode: modes ?? 'z',
    Propagation: '',
    noCopy: options.includes('nocopy'),
  }
}

function fromMount(mount: Mount): PlannedMount {
  const destination = mount.Target ?? ''
  if (!destination.startsWith('/'))
    throw invalid(
      `invalid mount config for type "${mount.Type}": invalid mount path: '${destination}' mount path must be absolute`,
    )
  const common = { Destination: destination, RW: !mount.ReadOnly }
  switch (mount.Type) {
    case 'bind': {
      if (!mount.Source) throw invalid('invalid mount config for type "bind": field Source must not be empty')
      if (!existsSync(mount.Source) && !mount.BindOptions?.CreateMountpoint) {
        throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${mount.Source}`)
      }
      return {
        Type: 'bind',
        Source: mount.Source,
        ...common,
        Mode: '',
        Propagation: mount.BindOptions?.Propagation || 'rprivate',
      }
    }
    case 'tmpfs':
      return { Type: 'tmpfs', Source: '', ...common, Mode: '', Propagation: '', options: tmpfsOptions(mount) }
    case 'volume':
      return {
        Type: 'volume',
        Name: mount.Source ?? '',
        ...common,
        Driver: mount.VolumeOptions?.DriverConfig?.Name || 'local',
        Mode: 'z',
        Propagation: '',
        noCopy: mount.VolumeOptions?.NoCopy ?? false,
        ...(mount.VolumeOptions?.Subpath && { subpath: mount.VolumeOptions.Subpath }),
      }
    default:
      throw invalid(`mount type unknown: "${mount.Type}"`)
  }
}

const tmpfsOptions = ({ TmpfsOptions: options, ReadOnly }: Mount): readonly string[] => [
  ...(options?.SizeBytes ? [`size=${options.SizeBytes}`] : []),
  ...(options?.Mode ? [`mode=${options.Mode.toString(8)}`] : []),
  ...(ReadOnly ? ['ro'] : []),
]

const fromTmpfs = ([destination, options]: [string, string]): PlannedMount => ({
  Type: 'tmpfs',
  Source: '',
  Destination: destination,
  Mode: options,
  RW: !options.split(',').includes('ro'),
  Propagation: '',
  options: options === '' ? [] : options.split(','),
})

function fromVolumesFrom(deps: ContainerDeps, text: string): readonly PlannedMount[] {
  const [id = '', mode = 'rw'] = text.split(':')
  if (!['ro', 'rw', 'z', 'Z'].includes(mode)) throw invalid(`invalid mode: ${mode}`)
  return deps.store
    .find(id)
    .mounts.map(mount => ({ ...mount, RW: mount.RW && mode !== 'ro', noCopy: true, anonymous: false }))
}

interface Planning {
  readonly id: string
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  readonly chainId: Digest | undefined
  readonly imageId: Digest
}

/** Later lists win over earlier ones; within the user's own, a destination may come once. */
function mergeMounts(deps: ContainerDeps, { config, hostConfig: host }: Planning): readonly PlannedMount[] {
  const own = [
    ...(host.Binds ?? []).map(bind => parseBind(bind, host.VolumeDriver ?? '')),
    ...(host.Mounts ?? []).map(fromMount),
  ]
  const seen = new Set<string>()
  for (const { Destination } of own) {
    if (seen.has(Destination!)) throw invalid(`Duplicate mount point: ${Destination}`)
    seen.add(Destination!)
  }
  const inherited = (host.VolumesFrom ?? []).flatMap(text => fromVolumesFrom(deps, text))
  const tmpfs = Object.entries(host.Tmpfs ?? {}).map(fromTmpfs)
  const merged = new Map([...inherited, ...own, ...tmpfs].map(mount => [mount.Destination!, mount]))
  for (const destination of Object.keys(config.Volumes ?? {})) {
    const path = destination.replace(/(?<=.)\/+$/, '')
    if (!merged.has(path))
      merged.set(path, {
        Type: 'volume',
        Name: '',
        Destination: path,
        RW: true,
        Driver: 'local',
        Mode: '',
        Propagation: '',
      })
  }
  return [...merged.values()]
}

/** Resolves what the user asked to mount; makes the volumes that are missing and fills new ones from the image. */
export async function planMounts(
  deps: ContainerDeps,
  planning: Planning,
  undo: AsyncDisposableStack,
): Promise<readonly PlannedMount[]> {
  const planned: PlannedMount[] = []
  for (const mount of mergeMounts(deps, planning)) {
    if (mount.Type !== 'volume') {
      planned.push(mount)
      continue
    }
    const isNew = !mount.Name || !deps.volumes.get(mount.Name)
    const volume = await deps.volumes.create({ name: mount.Name, driver: mount.Driver })
    const name = volume.Name!
    if (isNew) undo.defer(() => deps.volumes.remove(name, true).catch(() => {}))
    if (!mount.noCopy && !mount.subpath && planning.chainId) await copyUp(deps, planning, name, mount.Destination!)
    planned.push({
      ...mount,
      Name: name,
      Source: volume.Mountpoint,
      Driver: volume.Driver,
      anonymous: mount.anonymous ?? !mount.Name,
    })
  }
  return planned
}

/** Volume name → directory of its files. */
export async function mountVolumes(deps: ContainerDeps, record: ContainerRecord): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>()
  for (const { Type, Name, Source } of record.mounts) {
    if (Type === 'volume') sources.set(Name!, await deps.volumes.mount(Name!, record.id))
    if (Type === 'bind') mkdirSync(existsSync(Source!) ? '/' : Source!, { recursive: true })
  }
  return sources
}

export async function unmountVolumes(deps: ContainerDeps, record: ContainerRecord): Promise<void> {
  for (const { Type, Name } of record.mounts) if (Type === 'volume') await deps.volumes.unmount(Name!, record.id)
}

const depth = (path: string): number => path.split('/').length

function toRuntimeMount(mount: PlannedMount, sources: ReadonlyMap<string, string>): RuntimeMount {
  const access = mount.RW ? 'rw' : 'ro'
  if (mount.Type === 'tmpfs') {
    const options = ['noexec', 'nosuid', 'nodev', ...(mount.options ?? [])].filter(
      (option, _, all) =>
        !(option === 'noexec' && all.includes('exec')) &&
        !(option === 'nosuid' && all.includes('suid')) &&
        !(option === 'nodev' && all.includes('dev')),
    )
    return { destination: mount.Destination!, type: 'tmpfs', source: 'tmpfs', options }
  }
  const source = mount.Type === 'volume' ? sources.get(mount.Name!)! : mount.Source!
  const propagation = mount.Propagation || 'rprivate'
  return {
    destination: mount.Destination!,
    type: 'bind',
    source: mount.subpath ? `${source}/${mount.subpath}` : source,
    options: ['rbind', access, propagation],
  }
}

/** The mounts of a container for the runtime, parents before children. */
export function toRuntimeMounts(
  record: ContainerRecord,
  etcDir: string,
  sources: ReadonlyMap<string, string>,
): readonly RuntimeMount[] {
  const etc = ['hosts', 'hostname', 'resolv.conf'].map(
    (name): RuntimeMount => ({
      destination: `/etc/${name}`,
      type: 'bind',
      source: `${etcDir}/${name}`,
      options: ['rbind', 'rprivate', ...(record.hostConfig.ReadonlyRootfs ? ['ro'] : [])],
    }),
  )
  const own = record.mounts.map(mount => toRuntimeMount(mount, sources))
  const taken = new Set(own.map(({ destination }) => destination))
  return [
    ...etc.filter(({ destination }) => !taken.has(destination)),
    ...own.toSorted((a, b) => depth(a.destination) - depth(b.destination)),
  ]
}
