// Shapes of the Docker Engine API v1.51, volume: https://docs.docker.com/reference/api/engine/version/v1.51/

export type MountType = 'bind' | 'cluster' | 'image' | 'npipe' | 'tmpfs' | 'volume'

export interface MountPoint {
  readonly Type?: MountType | undefined
  readonly Name?: string | undefined
  readonly Source?: string | undefined
  readonly Destination?: string | undefined
  readonly Driver?: string | undefined
  readonly Mode?: string | undefined
  readonly RW?: boolean | undefined
  readonly Propagation?: string | undefined
}

export interface Mount {
  readonly Target?: string | undefined
  readonly Source?: string | undefined
  readonly Type?: MountType | undefined
  readonly ReadOnly?: boolean | undefined
  readonly Consistency?: string | undefined
  readonly BindOptions?:
    | {
        readonly Propagation?: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave' | undefined
        readonly NonRecursive?: boolean | undefined
        readonly CreateMountpoint?: boolean | undefined
        readonly ReadOnlyNonRecursive?: boolean | undefined
        readonly ReadOnlyForceRecursive?: boolean | undefined
      }
    | undefined
  readonly VolumeOptions?:
    | {
        readonly NoCopy?: boolean | undefined
        readonly Labels?: Readonly<Record<string, string>> | null | undefined
        readonly DriverConfig?:
          | {
              readonly Name?: string | undefined
              readonly Options?: Readonly<Record<string, string>> | null | undefined
            }
          | undefined
        readonly Subpath?: string | undefined
      }
    | undefined
  readonly ImageOptions?:
    | {
        readonly Subpath?: string | undefined
      }
    | undefined
  readonly TmpfsOptions?:
    | {
        readonly SizeBytes?: number | undefined
        readonly Mode?: number | undefined
        readonly Options?: readonly (readonly string[])[] | null | undefined
      }
    | undefined
}

export interface Volume {
  readonly Name?: string | undefined
  readonly Driver?: string | undefined
  readonly Mountpoint?: string | undefined
  readonly CreatedAt?: string | undefined
  readonly Status?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null | undefined
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  readonly Scope?: 'local' | 'global' | undefined
  readonly ClusterVolume?: unknown | undefined
  readonly Options?: Readonly<Record<string, string>> | null | undefined
  readonly UsageData?:
    | {
        readonly Size?: number | undefined
        readonly RefCount?: number | undefined
      }
    | null
    | undefined
}

export interface VolumeCreateOptions {
  readonly Name?: string | undefined
  readonly Driver?: string | undefined
  readonly DriverOpts?: Readonly<Record<string, string>> | null | undefined
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  readonly ClusterVolumeSpec?: unknown | undefined
}

/** An extension: what becomes of the copy of a volume. */
export interface VolumeCopyOptions {
  readonly Name: string
  readonly Labels?: Readonly<Record<string, string>> | null | undefined
  /** containers cannot change it */
  readonly Snapshot?: boolean | undefined
  /** freeze the containers that use the source meanwhile */
  readonly Freeze?: boolean | undefined
}

export interface VolumeListResponse {
  readonly Volumes?: readonly Volume[] | null | undefined
  readonly Warnings?: readonly string[] | null | undefined
}
