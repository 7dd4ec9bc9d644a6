/** One call of mount(2): what drivers of snapshots and volumes produce and the runtime consumes. */
export interface Mount {
  /** file system type, or `bind` */
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

/** Something to be mounted at `<bundle>/<name>` before a container starts, for its eyes only. */
export interface Place {
  readonly name: string
  readonly mounts: readonly Mount[]
  /** only this part of it; it may not lead out */
  readonly subpath?: string | undefined
  readonly idMap?: IdMap | undefined
}

/** Owners that are exchanged between the disk and whoever looks: `[one, other]`. */
export interface IdMap {
  readonly uids: readonly [number, number]
  readonly gids: readonly [number, number]
}
