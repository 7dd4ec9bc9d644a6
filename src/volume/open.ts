import { EngineError } from '../base/errors.ts'
import type { VolumeVerbs } from '../spec/engine-api/engine.ts'
import type { Volume } from '../spec/engine-api/volume.ts'
import { copyVolume } from './copies.ts'
import { renameVolume } from './rename.ts'
import { noSuchVolume, type VolumeDeps, VolumeStore } from './store.ts'
import { exportVolume, importVolume, type TreeFiles } from './transfer.ts'
import type { ContainerVolumes } from './volumes.ts'

export interface Volumes {
  readonly containers: ContainerVolumes
  readonly verbs: VolumeVerbs
  /** With sizes and reference counts, for `df`; walks in the background. */
  usage(): Promise<readonly Volume[]>
  /** `local` and every plugin that keeps volumes */
  driverNames(): Promise<readonly string[]>
  /** @param users volume name → ids of running containers that have it mounted */
  recover(users: ReadonlyMap<string, readonly string[]>): void
}

export function openVolumes(deps: VolumeDeps & { readonly files: TreeFiles }): Volumes {
  const store = new VolumeStore(deps)
  return {
    containers: containerVolumes(store),
    verbs: verbs(store, deps.files),
    usage: () => store.usage(),
    driverNames: async () => ['local', ...(await store.drivers.plugins()).map(({ name }) => name)],
    recover: users => store.recover(users),
  }
}

const containerVolumes = (store: VolumeStore): ContainerVolumes => ({
  create: request => store.create(request),
  find: name => store.find(name),
  isReadOnly: name => store.records.get(name)?.snapshotOf !== undefined,
  mount: (name, id) => store.mount(name, id),
  unmount: (name, id) => store.unmount(name, id),
  announce: (action, name, attributes) => store.emit(action, name, attributes),
  remove: (name, force = false) => store.remove(name, force),
  useContainers: containers => {
    store.containers = containers
  },
})

const verbs = (store: VolumeStore, files: TreeFiles): VolumeVerbs => ({
  create: ({ Name, Driver, DriverOpts, Labels }) =>
    store.create({ name: Name, driver: Driver, options: DriverOpts, labels: Labels }),
  list: filters => store.list(filters),
  async inspect(name) {
    const volume = await store.find(name)
    if (!volume) throw noSuchVolume(name)
    return volume
  },
  remove: (name, force) => store.remove(name, force),
  prune: filters => store.prune(filters),
  copy: (name, { Name, Labels, Snapshot, Freeze }) =>
    copyVolume(store, name, { name: Name, labels: Labels, snapshot: Snapshot, freeze: Freeze }),
  rename: (name, to) => renameVolume(store, name, to),
  relabel: (name, labels) => relabel(store, name, labels),
  exportTar: name => exportVolume(store, files, name),
  importTar: (name, archive, options) => importVolume(store, files, name, archive, options),
})

/** Sets labels, and takes away those that are null. */
async function relabel(
  store: VolumeStore,
  name: string,
  changes: Readonly<Record<string, string | null>>,
): Promise<Volume> {
  using _lock = await store.lock(name)
  const record = store.records.get(name)
  if (!record) throw noSuchVolume(name)
  const labels = new Map(Object.entries({ ...record.labels, ...changes }).filter(([, value]) => value !== null))
  store.records.put(name, {
    ...record,
    labels: labels.size ? (Object.fromEntries(labels) as Record<string, string>) : null,
  })
  store.emit('update', name, { driver: record.driver ?? 'local' })
  const volume = await store.find(name)
  if (!volume) throw new EngineError('unavailable', `update ${name}: its driver does not answer`)
  return volume
}
