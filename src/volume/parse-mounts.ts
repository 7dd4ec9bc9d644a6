import { posix } from 'node:path'
import { EngineError } from '../base/errors.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import type { Mount } from '../spec/engine-api/volume.ts'
import { parseBind, parseVolumesFrom, targetProblem } from './parse-bind.ts'
import type { PlannedMount } from './planned-mount.ts'

export interface MountSources {
  readonly hostConfig: Pick<HostConfig, 'Binds' | 'Mounts' | 'Tmpfs' | 'VolumesFrom' | 'VolumeDriver'>
  /** paths of the image's and the request's VOLUMEs */
  readonly volumes: readonly string[]
  /** mount points of another container. @throws EngineError `not-found` */
  mountsOf(container: string): readonly PlannedMount[]
}

const clean = (path: string): string => posix.normalize(path).replace(/(.)\/$/, '$1')
const invalidConfig = (type: string, why: string) =>
  new EngineError('invalid', `invalid mount config for type "${type}": ${why}`)

/**
 * All mount points of a container, by destination: VolumesFrom below Binds below Mounts, and anonymous volumes where
 * the image wants one and nothing else is mounted. `HostConfig.Tmpfs` stands apart, as in inspect.
 *
 * @throws EngineError with Docker's text
 */
export function parseMounts({ hostConfig, volumes, mountsOf }: MountSources): PlannedMount[] {
  const byTarget = new Map<string, PlannedMount>()
  for (const text of hostConfig.VolumesFrom ?? [])
    for (const mount of borrowed(text, mountsOf)) byTarget.set(mount.Destination!, mount)
  const tmpfs = new Set(Object.keys(hostConfig.Tmpfs ?? {}).map(checkTmpfs))
  const own = new Set<string>(tmpfs)
  const add = (mount: PlannedMount, text = mount.Destination) => {
    const target = mount.Destination!
    if (own.has(target)) throw new EngineError('invalid', `Duplicate mount point: ${text}`)
    own.add(target)
    byTarget.set(target, mount)
  }
  for (const text of hostConfig.Binds ?? []) add(withDriver(parseBind(text), hostConfig.VolumeDriver))
  for (const target of tmpfs) own.delete(target) // `--mount` may name a place of `--tmpfs`, `-v` may not
  for (const mount of hostConfig.Mounts ?? []) add(parseMount(mount), mount.Target)
  for (const path of volumes.map(clean)) {
    if (!byTarget.has(path) && !own.has(path) && !tmpfs.has(path))
      byTarget.set(path, anonymous(path, hostConfig.VolumeDriver))
  }
  return [...byTarget.values()]
}

const withDriver = (mount: PlannedMount, driver: string | undefined): PlannedMount =>
  mount.Type === 'volume' && driver ? { ...mount, Driver: driver } : mount

const anonymous = (path: string, driver: string | undefined): PlannedMount => ({
  Type: 'volume',
  Name: '',
  Destination: path,
  ...(driver ? { Driver: driver } : {}),
  Mode: '',
  RW: true,
  Propagation: '',
  anonymous: true,
})

function checkTmpfs(target: string): string {
  const problem = targetProblem(target)
  if (problem) throw new EngineError('invalid', problem)
  return clean(target)
}

function borrowed(text: string, mountsOf: (container: string) => readonly PlannedMount[]): PlannedMount[] {
  const { container, mode } = parseVolumesFrom(text)
  return mountsOf(container).map(mount => ({
    ...mount,
    Mode: '',
    RW: mount.RW === true && !mode.split(',').includes('ro'),
    noCopy: true,
    borrowed: true,
  }))
}

/** Reads one entry of `HostConfig.Mounts`. @throws EngineError `invalid` with Docker's text */
export function parseMount(mount: Mount): PlannedMount {
  const type = mount.Type ?? ''
  if (!mount.Target) throw invalidConfig(type, 'field Target must not be empty')
  const problem = targetProblem(mount.Target)
  if (problem) throw invalidConfig(type, problem)
  checkFields(mount, type)
  const shared = { Destination: clean(mount.Target), Mode: '', RW: !mount.ReadOnly }
  switch (type) {
    case 'bind':
      return { ...shared, ...bindOf(mount) }
    case 'volume':
      return { ...shared, ...volumeOf(mount) }
    case 'tmpfs':
      return { ...shared, Type: 'tmpfs', Source: '', Propagation: '', options: tmpfsOptions(mount) }
    case 'image':
      return {
        ...shared,
        Type: 'image',
        Name: mount.Source ?? '',
        Source: mount.Source ?? '',
        RW: false,
        Propagation: 'rprivate',
        ...subpathOf(mount.ImageOptions?.Subpath),
      }
    default: // cluster volumes need swarm mode
      throw invalidConfig(type, 'mount type unknown')
  }
}

function checkFields(mount: Mount, type: string): void {
  const owners = [
    ['BindOptions', 'bind'],
    ['VolumeOptions', 'volume'],
    ['TmpfsOptions', 'tmpfs'],
  ] as const
  for (const [field, owner] of owners)
    if (mount[field] && owner !== type) throw invalidConfig(type, `field ${field} must not be specified`)
  const isKnown = ['bind', 'volume', 'tmpfs', 'image'].includes(type)
  if (isKnown && mount.ImageOptions && type !== 'image')
    throw invalidConfig(type, 'field ImageOptions must not be specified')
  if (type === 'tmpfs' && mount.Source) throw invalidConfig(type, 'field Source must not be specified')
  if ((type === 'bind' || type === 'image') && !mount.Source)
    throw invalidConfig(type, 'field Source must not be empty')
}

function bindOf({ Source, BindOptions, ReadOnly }: Mount): PlannedMount {
  if (!Source!.startsWith('/'))
    throw invalidConfig('bind', `invalid mount path: '${Source}' mount path must be absolute`)
  const { Propagation, NonRecursive, CreateMountpoint, ReadOnlyNonRecursive, ReadOnlyForceRecursive } =
    BindOptions ?? {}
  if (Propagation && !/^r?(private|shared|slave)$/.test(Propagation))
    throw invalidConfig('bind', `invalid propagation mode: ${Propagation}`)
  const conflict = (how: string) => `mount options conflict: ${how}`
  const unready = ReadOnly
    ? ReadOnlyNonRecursive && ReadOnlyForceRecursive && 'ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive'
    : (ReadOnlyNonRecursive && '!ReadOnly && BindOptions.ReadOnlyNonRecursive') ||
      (ReadOnlyForceRecursive && '!ReadOnly && BindOptions.ReadOnlyForceRecursive')
  return {
    Type: 'bind',
    Source: clean(Source!),
    Propagation: Propagation ?? 'rprivate',
    createSource: CreateMountpoint ?? false,
    nonRecursive: NonRecursive ?? false,
    ...(unready && { conflict: conflict(unready) }),
    recursiveReadOnly: ReadOnlyForceRecursive ? 'forced' : ReadOnlyNonRecursive ? 'off' : 'best-effort',
  }
}

function volumeOf({ Source, VolumeOptions }: Mount): PlannedMount {
  const { NoCopy, Labels, DriverConfig, Subpath } = VolumeOptions ?? {}
  if (!Source && Subpath) throw invalidConfig('volume', 'must not set Subpath when using anonymous volumes')
  return {
    Type: 'volume',
    Name: Source ?? '',
    ...(DriverConfig?.Name ? { Driver: DriverConfig.Name } : {}),
    Propagation: '',
    noCopy: NoCopy ?? false,
    ...(Source ? {} : { anonymous: true }),
    ...(Labels ? { labels: Labels } : {}),
    ...(DriverConfig?.Options ? { driverOptions: DriverConfig.Options } : {}),
    ...subpathOf(Subpath),
  }
}

function subpathOf(subpath: string | undefined): { readonly subpath?: string } {
  if (!subpath) return {}
  if (subpath.startsWith('/') || posix.normalize(subpath).startsWith('..'))
    throw invalidConfig('volume', 'subpath must be a relative path within the volume')
  return { subpath }
}

function tmpfsOptions({ TmpfsOptions, ReadOnly }: Mount): string[] {
  const { SizeBytes, Mode, Options } = TmpfsOptions ?? {}
  return [
    'noexec',
    'nosuid',
    'nodev',
    'rprivate',
    ...(ReadOnly ? ['ro'] : []),
    ...(SizeBytes ? [`size=${SizeBytes}`] : []),
    ...(Mode ? [`mode=${Mode.toString(8)}`] : []),
    ...(Options ?? []).map(tmpfsOption),
  ].filter((flag, _, all) => flag !== 'noexec' || !all.includes('exec'))
}

/** The API lets a client choose one thing alone. @throws EngineError `invalid` with Docker's text */
function tmpfsOption(words: readonly string[]): string {
  if (words.length < 1 || words.length > 2) throw invalidConfig('tmpfs', 'invalid option array length')
  const [name = ''] = words
  if (name !== 'exec' && name !== 'noexec') throw invalidConfig('tmpfs', `invalid option: ${name}`)
  return words.join('=')
}

const tmpfsFlags =
  /^(ro|rw|(no)?(exec|suid|dev|atime|diratime)|(rel|strict)atime|sync|async|dirsync|remount|defaults|mand|nomand|r?(private|shared|slave)|r?unbindable|r?bind)$/
const tmpfsValues = /^(mode|uid|gid|size|nr_inodes|nr_blocks|mpol)=/

const propagations = /^r?(private|shared|slave|unbindable)$/
const isOpposite = (flag: string, other: string): boolean =>
  other === `no${flag}` || flag === `no${other}` || (/^r[ow]$/.test(flag) && /^r[ow]$/.test(other) && flag !== other)

/** Mount options of one entry of `HostConfig.Tmpfs`; the last word on a matter counts. @throws EngineError */
export function parseTmpfs(options: string): string[] {
  const own = options.split(',').filter(Boolean)
  for (const option of own)
    if (!tmpfsFlags.test(option) && !tmpfsValues.test(option))
      throw new EngineError('invalid', `invalid tmpfs option "${option.split('=')[0]}"`)
  const all = ['noexec', 'nosuid', 'nodev', ...own.filter(option => !propagations.test(option))]
  const last = all.filter((flag, at) => !all.slice(at + 1).some(later => isOpposite(flag, later)))
  // a new file system has no peers to tell anything, and crun would look for some
  return [...new Set(last), 'rprivate']
}
