/** All that is known of one volume. A value: it is replaced, never edited. */
export interface VolumeRecord {
  readonly name: string
  readonly created: string
  readonly labels: Readonly<Record<string, string>> | null
  readonly options: Readonly<Record<string, string>> | null
  /** who keeps its files; absent is `local` */
  readonly driver?: string
  /** the volume whose files these were at `created`; containers cannot change them */
  readonly snapshotOf?: string
  /** its files are not all there yet: a crash ends it */
  readonly unfinished?: true
  /** a rename that is not finished: the files may still be under this name */
  readonly movedFrom?: string
}

export const driverOf = ({ driver }: VolumeRecord): string => driver ?? 'local'

export const anonymousLabel = 'com.docker.volume.anonymous'
