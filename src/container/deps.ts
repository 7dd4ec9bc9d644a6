import type { KeyedMutex } from '../base/keyed-mutex.ts'
import type { Log } from '../base/log.ts'
import type { ImageLookup } from '../image/resolved.ts'
import type { ProjectQuota } from '../kernel/project-quota.ts'
import type { ContainerNetworks } from '../network/networks.ts'
import type { Runtime, RuntimeBinary } from '../runtime/runtime.ts'
import type { RootFiles } from '../snapshot/root-files.ts'
import type { Snapshotter } from '../snapshot/snapshotter.ts'
import type { HostConfig } from '../spec/engine-api/container.ts'
import type { IdRanges } from '../spec/id-ranges.ts'
import type { ContainerVolumes } from '../volume/volumes.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { ContainerStore } from './store.ts'

/** Ids of containers, and a namespace that has them for showing files, by its path. */
export interface Remap extends IdRanges {
  readonly namespace: string
}

/** Settings of the engine that containers inherit. */
export interface ContainerSettings {
  readonly root: string
  readonly execRoot: string
  readonly defaultRuntime: string
  readonly runtimes: ReadonlyMap<string, RuntimeBinary>
  readonly logDriver: string
  readonly logOptions: Readonly<Record<string, string>>
  readonly defaultShmSizeBytes: number
  /** what a container may write; 0 is no limit */
  readonly defaultSizeBytes: number
  readonly defaultUlimits: NonNullable<HostConfig['Ulimits']>
  readonly cgroupParent: string
  readonly initPath: string | undefined
  readonly noNewPrivileges: boolean
  /** the kernel enforces AppArmor's profiles */
  readonly hasAppArmor: boolean
  /** text of a profile, or `unconfined`; undefined is Docker's own */
  readonly seccompProfile: string | undefined
  readonly defaultIpcMode: string
  readonly defaultCgroupnsMode: string
  readonly liveRestore: boolean
  /** directories with files of CDI */
  readonly cdiDirs: readonly string[]
  /** containers have the ids of a user namespace, unless they want the host's */
  readonly remap: Remap | undefined
}

export type EmitContainer = (action: string, id: string, attributes: Readonly<Record<string, string>>) => void

/** What the verbs of containers work with. */
export interface ContainerDeps {
  readonly store: ContainerStore
  readonly locks: KeyedMutex
  readonly lifecycle: Lifecycle
  readonly images: ImageLookup
  readonly snapshots: Snapshotter
  readonly files: RootFiles
  readonly networks: ContainerNetworks
  /** undefined where the file system of the containers' files has no limits for projects */
  readonly quota: ProjectQuota | undefined
  readonly volumes: ContainerVolumes
  readonly runtime: Runtime
  /** read anew at each use: a reload may change it */
  readonly settings: ContainerSettings
  readonly emit: EmitContainer
  readonly log: Log
}
