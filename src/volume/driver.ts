/** What a driver tells of one of its volumes. */
export interface DriverVolume {
  readonly name: string
  /** empty while a driver has it nowhere */
  readonly path: string
  readonly created?: string | undefined
  readonly status?: Readonly<Record<string, unknown>> | undefined
}

export type VolumeOptions = Readonly<Record<string, string>>

/** Whoever keeps the files of volumes: this disk, or a plugin. Errors are EngineErrors without the name of the verb. */
export interface VolumeDriver {
  readonly name: string
  readonly scope: 'local' | 'global'

  /** The volume is there, durable, when this resolves; one that was there before is left alone. */
  create(name: string, options: VolumeOptions | null): Promise<void>

  /** Undefined when it has no such volume. */
  get(name: string, options: VolumeOptions | null): Promise<DriverVolume | undefined>

  /** Makes the files reachable for `id`, and says where. */
  mount(name: string, id: string, options: VolumeOptions | null): Promise<string>

  /** @param isLast whether nobody else has it mounted */
  unmount(name: string, id: string, isLast: boolean): Promise<void>

  remove(name: string): Promise<void>
}
