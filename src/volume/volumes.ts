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

  get(name: string): Volume | undefined

  /** Makes the volume's files reachable for this container and returns their directory. */
  mount(name: string, containerId: string): Promise<string>

  unmount(name: string, containerId: string): Promise<void>

  /** Tells the world what a container did with the volume. */
  announce(action: 'mount' | 'unmount', name: string, attributes: Readonly<Record<string, string>>): void

  /** Removes it; `not-found` and `conflict` as Docker words them. */
  remove(name: string, force?: boolean): Promise<void>

  /** Tells who uses volumes: volume name → ids of containers, running or not. Set once, at start. */
  useReferences(references: (name: string) => readonly string[]): void
}
