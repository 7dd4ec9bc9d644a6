import type { Volume } from '../spec/engine-api/volume.ts'

export interface VolumeRequest {
  /** empty or undefined: a random name, marked anonymous */
  readonly name?: string | undefined
  readonly driver?: string | undefined
  readonly options?: Readonly<Record<string, string>> | null | undefined
  readonly labels?: Readonly<Record<string, string>> | null | undefined
}

/** Volumes as containers see them. */
export interface ContainerVolumes {
  /** Makes the volume, or finds the one of that name; durable when it returns. */
  create(request: VolumeRequest): Promise<Volume>

  /** The volume of this name, in whatever driver's keeping. */
  find(name: string): Promise<Volume | undefined>

  /** Whether nobody may change its files. */
  isReadOnly(name: string): boolean

  /** Makes the volume's files reachable for this container and returns their directory. */
  mount(name: string, containerId: string): Promise<string>

  unmount(name: string, containerId: string): Promise<void>

  /** Tells the world what a container did with the volume. */
  announce(action: 'mount' | 'unmount', name: string, attributes: Readonly<Record<string, string>>): void

  /** Removes it; `not-found` and `conflict` as Docker words them. */
  remove(name: string, force?: boolean): Promise<void>

  /** Tells who uses volumes. Set once, at start. */
  useContainers(containers: VolumeContainers): void
}

/** Containers as volumes see them. */
export interface VolumeContainers {
  /** ids of those that use the volume, running or not */
  usersOf(volume: string): readonly string[]

  /** Keeps all of them from starting, stopping or changing until disposed of. */
  hold(volume: string): Promise<Disposable>

  /** Makes their records say `to` where they said `from`; they are held. `path` is where its files are from now on. */
  rename(from: string, to: string, path: string): void

  /** Freezes those that run until disposed of. */
  freeze(volume: string): Promise<AsyncDisposable>
}

/** For as long as there are no containers. */
export const noContainers: VolumeContainers = {
  usersOf: () => [],
  hold: async () => ({ [Symbol.dispose]() {} }),
  rename() {},
  freeze: async () => ({ async [Symbol.asyncDispose]() {} }),
}
