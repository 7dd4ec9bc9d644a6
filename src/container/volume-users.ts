import type { HostConfig } from '../spec/engine-api/container.ts'
import type { VolumeContainers } from '../volume/volumes.ts'
import type { ContainerDeps } from './deps.ts'
import { holdStill } from './hold-still.ts'
import type { ContainerRecord } from './record.ts'

type Deps = Pick<ContainerDeps, 'store' | 'locks'>

/** What volumes may know and want of containers. */
export function volumeContainers(deps: () => ContainerDeps): VolumeContainers {
  return {
    usersOf: name => usersOf(deps(), name).map(({ id }) => id),
    hold: name => hold(deps(), name),
    rename: (from, to, path) => {
      for (const record of usersOf(deps(), from)) deps().store.put(renamed(record, from, to, path))
    },
    freeze: name => freeze(deps(), name),
  }
}

const usersOf = ({ store }: Deps, name: string): readonly ContainerRecord[] =>
  store.all().filter(({ mounts }) => mounts.some(mount => mount.Type === 'volume' && mount.Name === name))

/** Locks in order of ids, so that two who hold several never wait for each other. */
async function hold(deps: Deps, name: string): Promise<Disposable> {
  using stack = new DisposableStack()
  for (const { id } of [...usersOf(deps, name)].sort((a, b) => (a.id < b.id ? -1 : 1)))
    stack.use(await deps.locks.acquire(id))
  return stack.move()
}

function renamed(record: ContainerRecord, from: string, to: string, path: string): ContainerRecord {
  const mounts = record.mounts.map(mount =>
    mount.Type === 'volume' && mount.Name === from ? { ...mount, Name: to, Source: path, anonymous: false } : mount,
  )
  return { ...record, mounts, hostConfig: renamedIn(record.hostConfig, from, to) }
}

/** The user's own words follow, so that a container made again like this one finds its files. */
function renamedIn(hostConfig: HostConfig, from: string, to: string): HostConfig {
  const { Binds, Mounts } = hostConfig
  return {
    ...hostConfig,
    ...(Binds ? { Binds: Binds.map(text => (text.startsWith(`${from}:`) ? to + text.slice(from.length) : text)) } : {}),
    ...(Mounts
      ? { Mounts: Mounts.map(one => (one.Type === 'volume' && one.Source === from ? { ...one, Source: to } : one)) }
      : {}),
  }
}

async function freeze(deps: ContainerDeps, name: string): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  for (const { id, state } of usersOf(deps, name)) {
    if (state.status !== 'running') continue
    stack.use(await holdStill(deps, id))
  }
  return stack.move()
}

/** Which containers that run use each volume, known before volumes recover. */
export function usersOfVolumes(
  { store }: Pick<Deps, 'store'>,
  alive: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>()
  for (const { id, mounts } of store.all()) {
    if (!alive.has(id)) continue
    for (const { Name } of mounts) if (Name) users.set(Name, [...(users.get(Name) ?? []), id])
  }
  return users
}
