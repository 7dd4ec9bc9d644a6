/** One call of mount(2): what drivers of snapshots and volumes produce and the runtime consumes. */
export interface Mount {
  /** file system type, or `bind` */
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
  /** for overlays: their directories are seen with other owners */
  readonly shift?: Shift | undefined
}

/** What is below `directories` has the owners that a user namespace maps those on the disk to. */
export interface Shift {
  /** path of the namespace; it must stay valid until the mount is made */
  readonly namespace: string
  readonly directories: readonly string[]
  /** whoever is root there: nobody else may mount what is to be written */
  readonly root: { readonly uid: number; readonly gid: number }
}

/** Something to be mounted at `<bundle>/<name>` before a container starts, for its eyes only. */
export interface Place {
  readonly name: string
  readonly mounts: readonly Mount[]
  /** instead of `mounts`: what another container's process has at `path` */
  readonly of?: { readonly pid: number; readonly path: string } | undefined
  /** only this part of it; it may not lead out */
  readonly subpath?: string | undefined
  readonly idMap?: IdMap | undefined
}

/** Owners that are exchanged between the disk and whoever looks: `[one, other]`. */
export interface IdMap {
  readonly uids: readonly [number, number]
  readonly gids: readonly [number, number]
}
