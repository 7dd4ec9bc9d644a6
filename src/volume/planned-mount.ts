import type { MountPoint } from '../spec/engine-api/volume.ts'

/** A mount point with what the engine needs to make it. */
export interface PlannedMount extends MountPoint {
  // Driver is undefined until the volume is made, where nobody names one: whoever has it, keeps it
  /** of tmpfs, as mount(8) writes them */
  readonly options?: readonly string[]
  readonly noCopy?: boolean
  /** from another container, by --volumes-from */
  readonly borrowed?: boolean
  /** whoever owns the source is the container's user inside, and the other way round */
  readonly idMapped?: boolean
  /** made by the engine, without a name of the user's */
  readonly anonymous?: boolean
  readonly subpath?: string
  /** make a missing source directory on the host */
  readonly createSource?: boolean
  readonly recursiveReadOnly?: 'best-effort' | 'forced' | 'off'
  readonly nonRecursive?: boolean
  /** why it cannot be mounted, which Docker finds at the start only */
  readonly conflict?: string
  readonly driverOptions?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}
