/** One call of mount(2): what drivers of snapshots and volumes produce and the runtime consumes. */
export interface Mount {
  /** file system type, or `bind` */
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}
